"""What of each table moves with its user to another database, and what each column is.

A test compares this with the catalog: a column that is added to a table later, and neither moved nor named here as left
behind, fails it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

TRIPS, CONVERSATIONS, MEMORIES, ATTACHMENTS = "trips", "conversations", "memories", "attachments"
FAMILIES = (TRIPS, CONVERSATIONS, MEMORIES, ATTACHMENTS)
"""What moves together, in this order: each refers to rows of those before it."""


@dataclass(frozen=True)
class Column:
    """`kind` is how it is read, written and checked; `table` is what a reference refers to.

    Kinds: id, uuid, ref (a bigint key), uuid-ref, int, text, num, bool, date, time, stamp, json, texts, ints, vector,
    owner (whether the row is its user's: nobody else's account exists on the other side), path (of a file: its ending).
    """

    name: str
    kind: str
    table: str | None = None


@dataclass(frozen=True)
class Table:
    """`stage` is the statement of a family that inserts it: its policies look for rows of the stages before."""

    name: str
    family: str
    stage: int
    columns: tuple[Column, ...]
    has_user: bool = False
    """Whether a column user_id says whose each row is; it does not move, for it is always the user who moves."""
    of_others: bool = False
    """Whether somebody else may have written a row that belongs to the user: a file in the user's trip."""
    under: str = ""
    """How rows are found from the roots $1 of their family; $1 alone is the family's own table."""
    quiet: frozenset[str] = field(default_factory=frozenset)
    """Columns that change by themselves: another value there does not make it another row."""
    touched: bool = False
    """Whether a row is written to once more after its insertion, so that its quiet columns are others by then."""
    required: frozenset[str] = field(default_factory=frozenset)
    """References without which a row cannot be."""

    @property
    def numbered(self) -> bool:
        return self.columns[0].kind == "id"

    @cached_property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    @cached_property
    def references(self) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if column.table is not None)


def _columns(text: str) -> tuple[Column, ...]:
    found = []
    for word in text.split():
        name, _, kind = word.partition(":")
        kind, _, table = kind.partition(">")
        found.append(Column(name, kind or "text", table or None))
    return tuple(found)


_BOOKING = """currency booking_status external_id metadata:json created_at:stamp updated_at:stamp confirmation_code
provider payment_status pay_by:date cancel_free_until:stamp notes day:date position:int idempotency_key:uuid
exchange_rate:num"""
_OF_TRIP = "t.trip_id = any ($1::text[]::bigint[])"
_OF_SESSION = "t.session_id = any ($1::text[]::uuid[])"
_UPDATED = frozenset({"updated_at"})


def _part(name: str, columns: str, *required: str) -> Table:
    return Table(
        name, TRIPS, 1, _columns(f"id:id trip_id:ref>trips {columns}"), under=_OF_TRIP, quiet=_UPDATED,
        required=frozenset({"trip_id", *required}),
    )  # fmt: skip


_ALL: Iterable[Table] = (
    Table(
        "trips", TRIPS, 0,
        _columns("""id:id name start_date:date end_date:date destination budget:num travelers:int status trip_type
        flexibility:json notes:texts search_metadata:json created_at:stamp updated_at:stamp currency time_zone
        tags:texts deleted_at:stamp archived_at:stamp known_findings:texts idempotency_key:uuid"""),
        has_user=True, quiet=_UPDATED,
    ),
    _part("trip_stops", """position:int place country arrive_date:date depart_date:date time_zone currency latitude:num
        longitude:num created_at:stamp updated_at:stamp"""),
    _part("flights", f"""origin destination departure_date:date return_date:date flight_class price:num airline
        flight_number seat check_in_opens_at:stamp {_BOOKING}"""),
    _part("accommodations", f"""name address check_in_date:date check_out_date:date room_type price_per_night:num
        total_price:num rating:num amenities:texts check_in_at:stamp check_in_zone check_out_at:stamp check_out_zone
        check_in_until:time {_BOOKING}"""),
    _part("transportation", f"""transport_type origin destination departure_time:stamp arrival_time:stamp price:num
        departure_zone arrival_zone seat {_BOOKING}"""),
    _part("itinerary_items", f"""title description item_type start_time:stamp end_time:stamp location price:num
        start_zone end_zone closed_weekdays:ints closed_on_holidays:bool stands_after:int {_BOOKING}"""),
    _part("legs", """flight_id:ref>flights transportation_id:ref>transportation direction position:int origin
        destination departure_time:stamp departure_zone arrival_time:stamp arrival_zone carrier number seat
        created_at:stamp updated_at:stamp""", "flight_id", "transportation_id"),
    _part("travellers", """name user_id:owner passport_expires:date visa_expires:date idempotency_key:uuid
        created_at:stamp updated_at:stamp"""),
    _part("expenses", """title category amount:num currency exchange_rate:num spent_on:date notes created_by:owner
        idempotency_key:uuid created_at:stamp updated_at:stamp booking_kind booking_id:int"""),
    _part("expense_shares", "expense_id:ref>expenses traveller_id:ref>travellers paid:num weight:num owed:num",
          "expense_id", "traveller_id"),
    _part("settlements", """from_traveller:ref>travellers to_traveller:ref>travellers amount:num currency
        exchange_rate:num paid_on:date idempotency_key:uuid created_at:stamp updated_at:stamp""",
          "from_traveller", "to_traveller"),
    Table(
        "chat_sessions", CONVERSATIONS, 0,
        _columns("""id:uuid trip_id:ref>trips created_at:stamp updated_at:stamp ended_at:stamp metadata:json title
        active_message_id:ref>chat_messages deleted_at:stamp"""),
        has_user=True, quiet=frozenset({"updated_at", "active_message_id"}),
    ),
    Table(
        "chat_messages", CONVERSATIONS, 1,
        _columns("""id:id session_id:uuid-ref>chat_sessions role content created_at:stamp metadata:json
        parent_id:ref>chat_messages status updated_at:stamp idempotency_key:uuid"""),
        under=_OF_SESSION, quiet=_UPDATED, required=frozenset({"session_id", "parent_id"}),
    ),
    Table(
        "chat_tool_calls", CONVERSATIONS, 2,
        _columns("""id:id message_id:ref>chat_messages tool_id tool_name arguments:json result:json status
        created_at:stamp completed_at:stamp error_message position:int decision"""),
        under="t.message_id in (select m.id from public.chat_messages m where m.session_id = any ($1::text[]::uuid[]))",
        required=frozenset({"message_id"}),
    ),
    Table(
        "session_memories", CONVERSATIONS, 2,
        _columns("""id:id session_id:uuid-ref>chat_sessions content embedding:vector metadata:json created_at:stamp
        embedding_model role message_id:ref>chat_messages state attempts:int last_error available_at:stamp
        processed_at:stamp"""),
        has_user=True, under=_OF_SESSION, required=frozenset({"session_id"}),
        quiet=frozenset({"state", "attempts", "last_error", "available_at", "processed_at", "embedding",
                         "embedding_model"}),
    ),
    Table(
        "memories", MEMORIES, 0,
        _columns("""id:id memory_type content embedding:vector metadata:json created_at:stamp updated_at:stamp
        embedding_model content_hash mem0_id:uuid source source_session_id:uuid-ref>chat_sessions
        source_message_id:ref>chat_messages superseded_by:ref>memories pinned:bool expires_at:stamp
        deleted_at:stamp"""),
        has_user=True, quiet=frozenset({"updated_at", "embedding", "embedding_model"}),
        required=frozenset({"superseded_by"}),
    ),
    # The bucket, how far the upload is and what a scanner said are each store's own business.
    Table(
        "file_attachments", ATTACHMENTS, 0,
        _columns("""id:uuid trip_id:ref>trips chat_message_id:ref>chat_messages filename original_filename
        file_size:int mime_type file_path:path metadata:json created_at:stamp updated_at:stamp booking_kind
        booking_id:int checksum"""),
        has_user=True, of_others=True, touched=True, quiet=frozenset({"updated_at", "metadata"}),
        required=frozenset({"trip_id", "chat_message_id"}),
    ),
)  # fmt: skip

TABLES: Mapping[str, Table] = {table.name: table for table in _ALL}

LEFT: Mapping[str, str] = {
    "api_keys": "secrets stay where they are",
    "search_destinations": "answers of searches expire by themselves",
    "search_activities": "answers of searches expire by themselves",
    "search_flights": "answers of searches expire by themselves",
    "search_hotels": "answers of searches expire by themselves",
    "trip_collaborators": "other people's accounts do not exist on the other side",
    "trip_invitations": "whom to invite is decided anew",
    "transferred_rows": "notes about where rows came from; those that still matter are written anew",
}
"""Tables of which no rows move as such, and why."""


def tables_of(family: str) -> tuple[Table, ...]:
    """The tables of a family, in the order of their insertion; the first is the one of its roots."""
    return tuple(table for table in TABLES.values() if table.family == family)


def stages_of(family: str) -> tuple[tuple[Table, ...], ...]:
    """The tables of a family by the statement that inserts them."""
    tables = tables_of(family)
    return tuple(
        tuple(table for table in tables if table.stage == stage) for stage in sorted({each.stage for each in tables})
    )
