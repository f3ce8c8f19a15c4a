"""The backend without PostgreSQL: a list stands where the table was."""

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from shop.app import app
from shop.database import database_answers
from shop.items import Item, ItemDraft, item_table


class ItemList:
    """Does what ItemTable does, in memory."""

    def __init__(self) -> None:
        self.items: dict[int, Item] = {}

    def page(self, after: int, limit: int) -> list[Item]:
        return [item for id, item in sorted(self.items.items()) if id > after][:limit]

    def find(self, id: int) -> Item | None:
        return self.items.get(id)

    def add(self, draft: ItemDraft) -> Item:
        item = Item(id=len(self.items) + 1, **draft.model_dump())
        self.items[item.id] = item
        return item

    def replace(self, id: int, draft: ItemDraft) -> Item | None:
        if id not in self.items:
            return None
        self.items[id] = Item(id=id, **draft.model_dump())
        return self.items[id]

    def remove(self, id: int) -> Item | None:
        return self.items.pop(id, None)


@pytest.fixture
def client() -> Iterator[TestClient]:
    items = ItemList()
    app.dependency_overrides = {item_table: lambda: items, database_answers: lambda: True}
    yield TestClient(app)  # not entered, so that the lifespan, which connects, does not run
    app.dependency_overrides = {}
    app.state.draining = False
