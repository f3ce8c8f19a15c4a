"""What is measured and logged about every request."""

import logging
from time import perf_counter

from prometheus_client import Counter, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = logging.getLogger("shop.requests")

REQUESTS = Counter("http_requests", "Requests answered.", ["method", "route", "status"])
SECONDS = Histogram(
    "http_request_duration_seconds",
    "From the request's arrival to the end of its answer.",
    ["method", "route"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)
QUIET = {"/healthz", "/readyz", "/metrics"}  # asked every few seconds by machines: counted, not logged


class RequestRecord:
    """Counts, times and logs. Its labels hold the route's pattern and not the path: a series for each item would be many."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        started = perf_counter()
        status = 500

        async def send_and_look(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, send_and_look)
        finally:
            seconds = perf_counter() - started
            method = scope["method"]
            route = getattr(scope.get("route"), "path", "none")
            REQUESTS.labels(method, route, status).inc()
            SECONDS.labels(method, route).observe(seconds)
            if scope["path"] not in QUIET:
                fields = {"method": method, "path": scope["path"], "status": status, "ms": round(seconds * 1000, 1)}
                log.info("%s %s %s", method, scope["path"], status, extra={"fields": fields})
