-- Moving what a user owns from one database into another: which row over there is which row here.

-- A row is allotted its id first, for everything that will refer to it, and written later, in one transaction with the
-- note that it is. Whatever dies in between goes on where it stopped and writes nothing twice. The notes stay: they are
-- how a later transfer, from there or back, knows what it has before itself.
create table public.transferred_rows (
  id bigint generated always as identity primary key,
  user_id uuid not null references auth.users (id) on delete cascade,
  source_user uuid not null,
  kind text not null,
  source_id text not null,
  target_id text not null,
  state text not null default 'allotted',
  source_digest text,
  target_digest text,
  created_at timestamptz not null default now(),
  written_at timestamptz,
  constraint transferred_rows_state_check check (state in ('allotted', 'written', 'matched')),
  constraint transferred_rows_length_check check (
    length(kind) <= 64 and length(source_id) <= 64 and length(target_id) <= 64
    and length(source_digest) <= 64 and length(target_digest) <= 64),
  constraint transferred_rows_source_uniq unique (user_id, source_user, kind, source_id)
);
comment on table public.transferred_rows is
  'Rows of the user that came from another database: source_user and source_id name the row over there.';
comment on column public.transferred_rows.kind is 'The table of the row, in both databases.';
comment on column public.transferred_rows.state is
  'allotted: the row is still to be written; matched: the same was here already and nothing was written.';
comment on column public.transferred_rows.source_digest is 'Of both rows when it was written: which side changed since?';

alter table public.transferred_rows enable row level security;
create policy transferred_rows_select on public.transferred_rows for select to authenticated, tripsage_client
  using (user_id = (select private.current_user_id()));
create policy transferred_rows_insert on public.transferred_rows for insert to authenticated, tripsage_client
  with check (user_id = (select private.current_user_id()));
create policy transferred_rows_update on public.transferred_rows for update to authenticated, tripsage_client
  using (user_id = (select private.current_user_id()))
  with check (user_id = (select private.current_user_id()));
create policy transferred_rows_delete on public.transferred_rows for delete to authenticated, tripsage_client
  using (user_id = (select private.current_user_id()));

create trigger transferred_rows_refuse_unissued_id before insert on public.transferred_rows
  for each row execute function private.refuse_unissued_id('public.transferred_rows_id_seq');

revoke all on public.transferred_rows from public, anon, authenticated, service_role, tripsage_client;
revoke all on sequence public.transferred_rows_id_seq
  from public, anon, authenticated, service_role, tripsage_client;
grant select, insert, update, delete on public.transferred_rows to service_role;
grant select, insert, delete on public.transferred_rows to authenticated, tripsage_client;
grant update (target_id, state, source_digest, target_digest, written_at)
  on public.transferred_rows to authenticated, tripsage_client;

-- Ids for rows that are about to be inserted, as inserting them would give: one for each table named, in that order.
-- Sequences are granted to nobody; an id alone opens nothing, for a row is still judged by its table's policies.
create function private.issue_ids(kinds text[]) returns text[]
language plpgsql security definer set search_path = '' as $$
declare
  numbered constant text[] := array[
    'trips', 'trip_stops', 'flights', 'accommodations', 'transportation', 'itinerary_items', 'legs', 'travellers',
    'expenses', 'expense_shares', 'settlements', 'chat_messages', 'chat_tool_calls', 'memories', 'session_memories'
  ];
  issued text[] := '{}';
  kind text;
begin
  if private.current_user_id() is null then
    raise exception 'not signed in' using errcode = '42501';
  end if;
  if cardinality(kinds) > 5000 then
    raise exception 'at most 5000 ids at once' using errcode = '22023';
  end if;
  foreach kind in array coalesce(kinds, '{}') loop
    if kind = any (numbered) then
      issued := issued || nextval(format('public.%I', kind || '_id_seq')::regclass)::text;
    elsif kind in ('chat_sessions', 'file_attachments') then
      issued := issued || gen_random_uuid()::text;
    else
      raise exception 'no ids are issued for this' using errcode = '22023';
    end if;
  end loop;
  return issued;
end
$$;
revoke all on function private.issue_ids(text[]) from public, anon, authenticated, service_role;
grant execute on function private.issue_ids(text[]) to authenticated, tripsage_client;
comment on function private.issue_ids(text[]) is 'Fresh ids for rows of these tables, to be inserted by their owner.';

-- A conversation names its last message, which comes after it.
alter table public.chat_sessions
  alter constraint chat_sessions_active_message_fkey deferrable initially immediate;
