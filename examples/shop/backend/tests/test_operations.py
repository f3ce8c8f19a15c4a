"""What the machines around the backend see: health, metrics, logs."""

import asyncio
import json
import logging
import signal

import pytest
from fastapi.testclient import TestClient
from psycopg import OperationalError

from shop.app import app
from shop.database import database_answers
from shop.items import item_table
from shop.logs import JsonLines
from shop.server import DrainingServer, make_server


def test_it_is_alive_and_ready(client: TestClient) -> None:
    assert client.get("/healthz").json() == {"status": "alive"}
    assert client.get("/readyz").json() == {"status": "ready"}


def test_without_its_database_it_is_alive_and_not_ready(client: TestClient) -> None:
    app.dependency_overrides[database_answers] = lambda: False
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 503


def test_while_it_drains_it_is_not_ready_and_still_answers(client: TestClient) -> None:
    app.state.draining = True
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (503, {"status": "draining"})
    assert client.get("/api/items").status_code == 200


def test_it_drains_before_it_stops(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    async def stop() -> list[bool]:
        server = make_server()
        server.handle_exit(signal.SIGTERM, None)
        seen = [app.state.draining, server.should_exit]
        await asyncio.sleep(0.2)
        return [*seen, server.should_exit]

    monkeypatch.setattr(DrainingServer, "drain_seconds", 0.1)
    assert asyncio.run(stop()) == [True, False, True]


def test_asked_twice_it_stops_at_once(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    async def stop() -> bool:
        server = make_server()
        server.handle_exit(signal.SIGTERM, None)
        server.handle_exit(signal.SIGTERM, None)
        return server.should_exit

    monkeypatch.setattr(DrainingServer, "drain_seconds", 60)
    assert asyncio.run(stop())


def test_a_database_that_goes_away_is_503_and_not_500(client: TestClient) -> None:
    def gone() -> None:
        raise OperationalError("connection refused")

    app.dependency_overrides[item_table] = gone
    answer = client.get("/api/items")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "connection refused" not in answer.text


def test_requests_are_counted_by_route_and_not_by_path(client: TestClient) -> None:
    client.get("/api/items/41")
    client.get("/api/items/42")
    text = client.get("/metrics").text
    assert 'http_requests_total{method="GET",route="/api/items/{id}",status="404"}' in text
    assert 'http_request_duration_seconds_bucket{le="0.1",method="GET",route="/api/items/{id}"}' in text
    assert "/api/items/41" not in text


def test_a_request_is_one_line_of_json(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="shop.requests")
    client.get("/healthz")
    client.get("/api/items")
    [line] = [json.loads(JsonLines().format(record)) for record in caplog.records if record.name == "shop.requests"]
    assert line.pop("ms") >= 0
    assert line.pop("time").endswith("+00:00")
    assert line == {
        "level": "info",
        "logger": "shop.requests",
        "message": "GET /api/items 200",
        "method": "GET",
        "path": "/api/items",
        "status": 200,
    }
