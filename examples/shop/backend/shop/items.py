"""What is for sale, and the table that it lies in."""

from fastapi import Request
from psycopg.rows import class_row
from psycopg_pool import ConnectionPool
from pydantic import BaseModel, Field

LARGEST_INTEGER = 2**31 - 1  # of PostgreSQL's type integer


class ItemDraft(BaseModel):
    """An item that has no number yet."""

    name: str = Field(max_length=200, pattern=r"^[^\x00]+$")  # PostgreSQL's text holds no NUL
    price_cents: int = Field(ge=0, le=LARGEST_INTEGER)


class Item(ItemDraft):
    id: int


class ItemTable:
    def __init__(self, pool: ConnectionPool) -> None:
        self._pool = pool

    def page(self, after: int, limit: int) -> list[Item]:
        """The items whose number is greater than `after`, at most `limit` of them."""
        return self._rows(
            "SELECT id, name, price_cents FROM items WHERE id > %s ORDER BY id LIMIT %s", after, limit
        )

    def find(self, id: int) -> Item | None:
        return self._row("SELECT id, name, price_cents FROM items WHERE id = %s", id)

    def add(self, draft: ItemDraft) -> Item:
        [item] = self._rows(
            "INSERT INTO items (name, price_cents) VALUES (%s, %s) RETURNING id, name, price_cents",
            draft.name,
            draft.price_cents,
        )
        return item

    def replace(self, id: int, draft: ItemDraft) -> Item | None:
        return self._row(
            "UPDATE items SET name = %s, price_cents = %s WHERE id = %s RETURNING id, name, price_cents",
            draft.name,
            draft.price_cents,
            id,
        )

    def remove(self, id: int) -> Item | None:
        return self._row("DELETE FROM items WHERE id = %s RETURNING id, name, price_cents", id)

    def _rows(self, statement: str, *values: object) -> list[Item]:
        with self._pool.connection() as connection, connection.cursor(row_factory=class_row(Item)) as cursor:
            return cursor.execute(statement, values).fetchall()

    def _row(self, statement: str, *values: object) -> Item | None:
        return next(iter(self._rows(statement, *values)), None)


def item_table(request: Request) -> ItemTable:
    """What the routes depend on; the tests put a list in its place."""
    return ItemTable(request.app.state.pool)
