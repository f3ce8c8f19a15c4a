import pytest
from fastapi.testclient import TestClient

COMPASS = {"name": "Brass compass", "price_cents": 4900}


def test_an_item_is_added_found_replaced_and_removed(client: TestClient) -> None:
    added = client.post("/api/items", json=COMPASS)
    assert (added.status_code, added.json()) == (201, {"id": 1, **COMPASS})
    assert client.get("/api/items").json() == [{"id": 1, **COMPASS}]

    cheaper = COMPASS | {"price_cents": 3900}
    assert client.put("/api/items/1", json=cheaper).json() == {"id": 1, **cheaper}
    assert client.get("/api/items/1").json() == {"id": 1, **cheaper}

    assert client.delete("/api/items/1").status_code == 204
    assert client.get("/api/items").json() == []


def test_items_come_in_pages(client: TestClient) -> None:
    for number in range(5):
        client.post("/api/items", json=COMPASS | {"name": f"Compass {number}"})
    page = client.get("/api/items", params={"after": 2, "limit": 2}).json()
    assert [item["id"] for item in page] == [3, 4]


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_an_item_that_is_not_there_is_404(client: TestClient, method: str) -> None:
    body = COMPASS if method == "PUT" else None
    assert client.request(method, "/api/items/7", json=body).status_code == 404


@pytest.mark.parametrize(
    "draft",
    [
        {},
        {"name": "", "price_cents": 1},
        {"name": "x" * 201, "price_cents": 1},
        {"name": "Ro\0pe", "price_cents": 1},
        {"name": "Rope", "price_cents": -1},
        {"name": "Rope", "price_cents": 2**31},
        {"name": "Rope", "price_cents": "cheap"},
    ],
)
def test_a_draft_that_the_table_would_refuse_is_422(client: TestClient, draft: dict[str, object]) -> None:
    assert client.post("/api/items", json=draft).status_code == 422
    assert client.get("/api/items").json() == []


@pytest.mark.parametrize("query", [{"limit": 0}, {"limit": 101}, {"after": -1}, {"after": 2**31}])
def test_a_page_that_cannot_be_is_422(client: TestClient, query: dict[str, int]) -> None:
    assert client.get("/api/items", params=query).status_code == 422
