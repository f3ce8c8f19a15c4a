"""The routes."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException, Path, Query, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from psycopg import OperationalError
from psycopg_pool import PoolTimeout

from shop.database import connect, database_answers, migrate
from shop.items import LARGEST_INTEGER, Item, ItemDraft, ItemTable, item_table
from shop.requests import RequestRecord

log = logging.getLogger("shop")

Items = Annotated[ItemTable, Depends(item_table)]
ItemId = Annotated[int, Path(ge=1, le=LARGEST_INTEGER)]


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    with connect() as app.state.pool:
        with app.state.pool.connection(timeout=30) as connection:
            log.info("schema is current", extra={"fields": {"migrated": migrate(connection)}})
        yield


app = FastAPI(title="Shop", lifespan=lifespan, docs_url="/api/docs", redoc_url=None, openapi_url="/api/openapi.json")
app.add_middleware(RequestRecord)
app.state.draining = False


@app.exception_handler(OperationalError)
@app.exception_handler(PoolTimeout)
async def say_that_the_database_is_away(request: Request, error: Exception) -> JSONResponse:
    log.error("database is away", extra={"fields": {"reason": str(error)}})
    return JSONResponse({"detail": "The database does not answer; try again."}, 503, {"Retry-After": "5"})


def found(item: Item | None) -> Item:
    if item is None:
        raise HTTPException(404, "There is no such item.")
    return item


@app.get("/api/items")
def list_items(
    items: Items,
    after: Annotated[int, Query(ge=0, le=LARGEST_INTEGER)] = 0,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> list[Item]:
    return items.page(after, limit)


@app.post("/api/items", status_code=201)
def add_item(items: Items, draft: ItemDraft) -> Item:
    return items.add(draft)


@app.get("/api/items/{id}")
def get_item(items: Items, id: ItemId) -> Item:
    return found(items.find(id))


@app.put("/api/items/{id}")
def replace_item(items: Items, id: ItemId, draft: ItemDraft) -> Item:
    return found(items.replace(id, draft))


@app.delete("/api/items/{id}", status_code=204)
def remove_item(items: Items, id: ItemId) -> None:
    found(items.remove(id))


@app.get("/healthz", include_in_schema=False)
async def is_alive() -> dict[str, str]:
    return {"status": "alive"}


@app.get("/readyz", include_in_schema=False)
def is_ready(request: Request, response: Response, answers: Annotated[bool, Depends(database_answers)]) -> dict[str, str]:
    """Whether requests may be sent here. A proxy that asks stops sending before the server stops listening."""
    if request.app.state.draining:
        response.status_code = 503
        return {"status": "draining"}
    if not answers:
        response.status_code = 503
        return {"status": "database does not answer"}
    return {"status": "ready"}


@app.get("/metrics", include_in_schema=False)
def metrics() -> Response:
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
