"""Figures about the server in Prometheus' form; they hold no personal data."""

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60)


class Metrics:
    """The figures of one server."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self.requests = Counter(
            "oneid_http_requests",
            "Requests answered",
            ["method", "route", "status"],
            registry=self._registry,
        )
        self.seconds = Histogram(
            "oneid_http_request_seconds",
            "Seconds until an answer began",
            ["method", "route"],
            buckets=_SECONDS,
            registry=self._registry,
        )
        self.published_at = Gauge(
            "oneid_release_published_timestamp_seconds",
            "When the current release was published",
            registry=self._registry,
        )
        self.open_releases = Gauge(
            "oneid_open_releases", "Releases whose files are open", registry=self._registry
        )
        self.deliveries = Gauge(
            "oneid_webhook_deliveries",
            "Batches of changes for webhooks",
            ["state"],
            registry=self._registry,
        )

    def text(self) -> bytes:
        """All figures, as Prometheus reads them."""
        return generate_latest(self._registry)
