"""The pieces around a query that need no server: breaker, rate limit, metrics, tickets, errors, targets."""

from __future__ import annotations

import asyncio
import ssl
import time
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest
from pydantic import SecretStr

from tripsage_tui.data.breaker import Breaker, BreakerState, CircuitOpen
from tripsage_tui.data.errors import Forbidden, InvalidValue, NotAuthorized, NotFound, RateLimited, Unavailable
from tripsage_tui.data.limits import RateLimit
from tripsage_tui.data.metrics import QueryMetrics
from tripsage_tui.data.target import ConnectionTarget, Tls
from tripsage_tui.data.ticket_source import Ticket, TicketHolder
from tripsage_tui.data.translation import connecting_failed, statement_failed


class Clock:
    """Seconds that pass when told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class TestBreaker:
    @pytest.fixture
    def clock(self) -> Clock:
        return Clock()

    @pytest.fixture
    def breaker(self, clock: Clock) -> Breaker:
        return Breaker(clock=clock)

    def fail(self, breaker: Breaker, times: int = 1) -> None:
        for _ in range(times):
            breaker.left(breaker.enter(), failed=True)

    def test_opens_after_five_failures_in_a_row(self, breaker: Breaker) -> None:
        self.fail(breaker, 4)
        breaker.left(breaker.enter())
        self.fail(breaker, 4)
        assert breaker.state is BreakerState.CLOSED
        self.fail(breaker)
        with pytest.raises(CircuitOpen) as refusal:
            breaker.enter()
        assert refusal.value.retry_in == pytest.approx(5)

    def test_cancelling_teaches_nothing(self, breaker: Breaker) -> None:
        self.fail(breaker, 4)
        for _ in range(10):
            breaker.left(breaker.enter(), failed=None)
        assert breaker.state is BreakerState.CLOSED
        self.fail(breaker)
        assert breaker.state is BreakerState.OPEN

    def test_lets_one_probe_through_and_doubles_the_pause_to_a_minute(self, breaker: Breaker, clock: Clock) -> None:
        self.fail(breaker, 5)
        for pause in (5, 10, 20, 40, 60, 60):
            assert breaker.retry_in == pytest.approx(pause)
            clock.now += pause
            probe = breaker.enter()
            with pytest.raises(CircuitOpen):
                breaker.enter()
            breaker.left(probe, failed=True)

    def test_a_cancelled_probe_leaves_the_place_to_the_next(self, breaker: Breaker, clock: Clock) -> None:
        self.fail(breaker, 5)
        clock.now += 5
        breaker.left(breaker.enter(), failed=None)
        breaker.left(breaker.enter())
        assert breaker.state is BreakerState.CLOSED
        self.fail(breaker, 5)
        assert breaker.retry_in == pytest.approx(5)

    def test_stragglers_do_not_prolong_the_pause(self, breaker: Breaker, clock: Clock) -> None:
        early = [breaker.enter() for _ in range(9)]
        for probe in early[:5]:
            breaker.left(probe, failed=True)
        clock.now += 3
        for probe in early[5:]:
            breaker.left(probe, failed=True)
        assert breaker.retry_in == pytest.approx(2)


class TestRateLimit:
    async def test_a_burst_passes_and_the_rest_waits_or_is_refused(self) -> None:
        clock = Clock()
        limit = RateLimit(per_second=10, burst=5, patience=0.05, clock=clock)
        assert [limit.take() for _ in range(6)] == [True] * 5 + [False]
        with pytest.raises(RateLimited) as refusal:
            await limit.wait()
        assert refusal.value.retry_in == pytest.approx(0.1)
        clock.now += 0.1
        await limit.wait()
        assert not limit.take()

    async def test_waiting_is_short_for_a_few_too_many(self) -> None:
        limit = RateLimit(per_second=1000, burst=1)
        for _ in range(5):
            await limit.wait()

    def test_a_rest_does_not_save_up_more_than_a_burst(self) -> None:
        clock = Clock()
        limit = RateLimit(per_second=10, burst=5, clock=clock)
        clock.now += 3600
        assert sum(limit.take() for _ in range(10)) == 5


class TestMetrics:
    def test_counts_durations_and_errors_by_name(self) -> None:
        metrics = QueryMetrics()
        for _ in range(98):
            metrics.record("trips.list", 0.0015)
        metrics.record("trips.list", 3.0, Unavailable())
        metrics.record("trips.list", 30.0, Unavailable())
        metrics.record("trips.get", 0.0001)
        get, listing = metrics.snapshot().queries
        assert (get.name, get.count, get.errors) == ("trips.get", 1, {})
        assert (listing.count, listing.errors) == (100, {"Unavailable": 2})
        assert 0.001 <= listing.p50 <= 0.002
        assert 0.001 <= listing.p95 <= 0.002
        assert listing.p99 >= 2.0
        assert sum(listing.histogram) == 100
        assert listing.total == pytest.approx(98 * 0.0015 + 33)

    def test_recording_is_cheap(self) -> None:
        metrics = QueryMetrics()
        rounds = []
        for _ in range(20):
            started = time.perf_counter()
            for _ in range(1000):
                metrics.record("trips.list", 0.0015)
            rounds.append((time.perf_counter() - started) / 1000)
        # The best of twenty rounds: what others do on this machine is not our cost.
        assert min(rounds) < 5e-6


class Source:
    """Tickets that are named by their number."""

    def __init__(self, clock: Clock, lifetime: float = 3600.0) -> None:
        self.clock = clock
        self.lifetime = lifetime
        self.asked = 0
        self.same = False

    async def ticket(self) -> Ticket:
        self.asked += 1
        name = "same" if self.same else f"ticket {self.asked}"
        return Ticket(SecretStr(name), datetime.fromtimestamp(self.clock.now + self.lifetime, UTC))


class TestTicketHolder:
    async def test_asks_once_and_again_shortly_before_the_end(self) -> None:
        wall, monotonic = Clock(), Clock()
        source = Source(wall)
        holder = TicketHolder(source, wall=wall, monotonic=monotonic)
        assert [(await holder.current()).get_secret_value() for _ in range(3)] == ["ticket 1"] * 3
        wall.now += 3530
        monotonic.now += 3530
        assert not holder.due
        wall.now += 20
        monotonic.now += 20
        assert holder.due
        assert (await holder.current()).get_secret_value() == "ticket 2"

    @pytest.mark.parametrize("sleeping", [True, False])
    async def test_either_clock_is_enough(self, sleeping: bool) -> None:
        wall, monotonic = Clock(), Clock()
        holder = TicketHolder(Source(wall), wall=wall, monotonic=monotonic)
        await holder.current()
        (wall if sleeping else monotonic).now += 4000
        assert holder.due

    async def test_a_wrong_clock_does_not_renew_for_ever(self) -> None:
        wall, server = Clock(), Clock()
        wall.now += 10_000
        source = Source(server)
        holder = TicketHolder(source, wall=wall, monotonic=Clock())
        for _ in range(5):
            await holder.current()
        assert source.asked == 1

    async def test_a_refused_ticket_is_replaced(self) -> None:
        clock = Clock()
        source = Source(clock)
        holder = TicketHolder(source, wall=clock, monotonic=clock)
        holder.refused((await holder.current()).get_secret_value())
        assert (await holder.current()).get_secret_value() == "ticket 2"
        holder.refused("ticket 1")
        assert not holder.due

    async def test_the_same_ticket_again_means_signed_out(self) -> None:
        clock = Clock()
        source = Source(clock)
        source.same = True
        holder = TicketHolder(source, wall=clock, monotonic=clock)
        holder.refused((await holder.current()).get_secret_value())
        with pytest.raises(NotAuthorized):
            await holder.current()

    async def test_ten_at_once_ask_once(self) -> None:
        clock = Clock()
        source = Source(clock)
        holder = TicketHolder(source, wall=clock, monotonic=clock)
        await asyncio.gather(*(holder.current() for _ in range(10)))
        assert source.asked == 1


class TestTranslation:
    @pytest.mark.parametrize(
        ("error", "kind"),
        [
            (asyncpg.InsufficientPrivilegeError("permission denied for table trips"), Forbidden),
            (asyncpg.ForeignKeyViolationError("x"), NotFound),
            (asyncpg.NotNullViolationError("x"), InvalidValue),
            (asyncpg.UniqueViolationError("x"), InvalidValue),
            (asyncpg.NumericValueOutOfRangeError("x"), InvalidValue),
            (asyncpg.AdminShutdownError("x"), Unavailable),
            (asyncpg.DiskFullError("x"), Unavailable),
            (asyncpg.QueryCanceledError("x"), Unavailable),
            (asyncpg.ReadOnlySQLTransactionError("x"), Unavailable),
            (asyncpg.InvalidPasswordError("x"), NotAuthorized),
            (asyncpg.ConnectionDoesNotExistError("x"), Unavailable),
            (ConnectionResetError(), Unavailable),
            (TimeoutError(), Unavailable),
        ],
    )
    def test_kinds(self, error: Exception, kind: type[Exception]) -> None:
        translated = statement_failed(error)
        assert isinstance(translated, kind)
        assert str(translated).endswith(".")

    def test_constraints_name_field_and_sentence(self) -> None:
        error = asyncpg.CheckViolationError("x")
        error.constraint_name = "trips_date_check"
        translated = statement_failed(error)
        assert isinstance(translated, InvalidValue)
        assert (translated.field, str(translated)) == ("end_date", "The end must not be before the start.")

    def test_no_argument_reaches_the_text(self) -> None:
        secret = "hunter2"
        for error in (
            asyncpg.DataError(f"invalid input for query argument $1: '{secret}'"),
            asyncpg.InvalidTextRepresentationError(f'invalid input syntax for type integer: "{secret}"'),
            asyncpg.RaiseError(secret),
            UnicodeEncodeError("utf-8", secret, 0, 1, secret),
        ):
            translated = statement_failed(error)
            assert secret not in str(translated) + repr(translated) + repr(vars(translated))

    @pytest.mark.parametrize(
        ("error", "kind"),
        [
            (ConnectionRefusedError(), Unavailable),
            (FileNotFoundError(), Unavailable),
            (TimeoutError(), Unavailable),
            (ssl.SSLCertVerificationError(), Unavailable),
            (asyncpg.CannotConnectNowError("x"), Unavailable),
            (asyncpg.TooManyConnectionsError("x"), Unavailable),
            (asyncpg.InvalidAuthorizationSpecificationError("x"), NotAuthorized),
        ],
    )
    def test_connecting(self, error: Exception, kind: type[Exception]) -> None:
        assert isinstance(connecting_failed(error), kind)


class TestTarget:
    def test_a_socket_needs_no_tls_and_a_host_is_verified(self) -> None:
        assert ConnectionTarget("/run/postgresql").ssl_argument() is False
        context = ConnectionTarget("db.example.org").ssl_argument()
        assert isinstance(context, ssl.SSLContext)
        assert context.check_hostname
        assert context.verify_mode is ssl.CERT_REQUIRED
        lax = ConnectionTarget("db.example.org", ssl=Tls.REQUIRE).ssl_argument()
        assert isinstance(lax, ssl.SSLContext)
        assert lax.verify_mode is ssl.CERT_NONE

    def test_the_password_is_not_shown(self) -> None:
        assert "hunter2" not in repr(ConnectionTarget("db.example.org", password=SecretStr("hunter2")))

    def test_tickets_are_not_shown(self) -> None:
        assert "hunter2" not in repr(Ticket(SecretStr("hunter2"), datetime.now(UTC) + timedelta(hours=1)))
