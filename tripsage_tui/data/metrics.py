"""Counts and durations of queries by name, cheap enough to be always on (about a microsecond per query)."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

# Upper ends of the buckets, in seconds; a last bucket takes everything slower.
BUCKETS = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)


@dataclass(frozen=True)
class PoolUse:
    """Connections of the pool: open, of those idle, and the most there may be."""

    size: int
    idle: int
    limit: int


@dataclass(frozen=True)
class QueryStatistics:
    """One name's figures since the start; durations in seconds, percentiles interpolated within their bucket."""

    name: str
    count: int
    errors: dict[str, int]
    total: float
    p50: float
    p95: float
    p99: float
    histogram: tuple[int, ...]


@dataclass(frozen=True)
class MetricsSnapshot:
    queries: tuple[QueryStatistics, ...]
    pool: PoolUse | None
    retries: int
    renewals: int


@dataclass(slots=True)
class _Series:
    histogram: list[int] = field(default_factory=lambda: [0] * (len(BUCKETS) + 1))
    errors: Counter[str] = field(default_factory=Counter)
    total: float = 0.0

    def percentile(self, share: float) -> float:
        """The duration in seconds that `share` of the queries stayed below."""
        wanted = share * sum(self.histogram)
        seen = 0
        for index, count in enumerate(self.histogram):
            if count and seen + count >= wanted:
                low = BUCKETS[index - 1] if index else 0.0
                high = BUCKETS[index] if index < len(BUCKETS) else BUCKETS[-1]
                return low + (high - low) * (wanted - seen) / count
            seen += count
        return 0.0


class QueryMetrics:
    """Collects; `snapshot()` is what the health screen shows."""

    def __init__(self, pool: Callable[[], PoolUse | None] = lambda: None) -> None:
        self._pool = pool
        self._series: dict[str, _Series] = {}
        self.retries = 0
        self.renewals = 0

    def record(self, name: str, seconds: float, error: BaseException | None = None) -> None:
        """Count one query that took `seconds`, with the class of `error` when it failed."""
        series = self._series.get(name)
        if series is None:
            series = self._series[name] = _Series()
        series.histogram[bisect_left(BUCKETS, seconds)] += 1
        series.total += seconds
        if error is not None:
            series.errors[type(error).__name__] += 1

    def snapshot(self) -> MetricsSnapshot:
        """All figures as they are now, names in alphabetical order."""
        return MetricsSnapshot(
            queries=tuple(
                QueryStatistics(
                    name=name,
                    count=sum(series.histogram),
                    errors=dict(series.errors),
                    total=series.total,
                    p50=series.percentile(0.50),
                    p95=series.percentile(0.95),
                    p99=series.percentile(0.99),
                    histogram=tuple(series.histogram),
                )
                for name, series in sorted(self._series.items())
            ),
            pool=self._pool(),
            retries=self.retries,
            renewals=self.renewals,
        )
