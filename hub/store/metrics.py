"""What the writer shows of itself: commit time, batch size, queue depth."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Gauge, Histogram

COMMIT_SECONDS = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 5.0)
BATCH_OPERATIONS = (1, 2, 4, 8, 16, 32, 64, 128, 256)


class WriterMetrics:
    """One set per process and registry."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._commit = Histogram(
            "hub_commit_seconds",
            "Duration of one group commit, from its first operation to the end of COMMIT",
            buckets=COMMIT_SECONDS,
            registry=registry,
        )
        self._batch = Histogram(
            "hub_commit_batch_operations",
            "Operations in one group commit",
            buckets=BATCH_OPERATIONS,
            registry=registry,
        )
        self._queue = Gauge(
            "hub_writer_queue_operations",
            "Operations that wait for the writer",
            registry=registry,
        )

    def watch_queue(self, depth: Callable[[], int]) -> None:
        """Read the queue's depth from here whenever somebody looks."""
        self._queue.set_function(depth)

    def committed(self, seconds: float, operations: int) -> None:
        """One group commit is durable."""
        self._commit.observe(seconds)
        self._batch.observe(operations)
