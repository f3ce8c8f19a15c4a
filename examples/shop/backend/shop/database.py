"""The connection to PostgreSQL, and its schema."""

import os
from pathlib import Path

from fastapi import Request
from psycopg import Connection, OperationalError
from psycopg_pool import ConnectionPool, PoolTimeout

MIGRATIONS = Path(__file__).parent / "migrations"
MIGRATION_LOCK = 7_400_221  # any number that no other program of this database locks


def connect() -> ConnectionPool:
    """A pool, still closed. libpq reads PGHOST, PGUSER and PGDATABASE itself; the password comes in a file."""
    secret = os.environ.get("DATABASE_PASSWORD_FILE")
    options = {"connect_timeout": 3} | ({"password": Path(secret).read_text().strip()} if secret else {})
    # The check costs a round trip, and finds out before a request does that the database was restarted.
    check = ConnectionPool.check_connection
    return ConnectionPool(kwargs=options, min_size=1, max_size=10, timeout=3, check=check, open=False)


def migrate(connection: Connection) -> list[str]:
    """Runs the files of `migrations/` that did not run yet, in the order of their names. Returns their names.

    Two backends may start at once: the lock lets one of them work and the other find the work done. All of it is one
    transaction.
    """
    connection.execute("SELECT pg_advisory_xact_lock(%s)", (MIGRATION_LOCK,))
    connection.execute("CREATE TABLE IF NOT EXISTS migrations (name text PRIMARY KEY)")
    done = {name for (name,) in connection.execute("SELECT name FROM migrations")}
    todo = [file for file in sorted(MIGRATIONS.glob("*.sql")) if file.name not in done]
    for file in todo:
        connection.execute(file.read_bytes())
        connection.execute("INSERT INTO migrations (name) VALUES (%s)", (file.name,))
    return [file.name for file in todo]


def database_answers(request: Request) -> bool:
    try:
        with request.app.state.pool.connection(timeout=1) as connection:
            connection.execute("SELECT 1")
        return True
    except (OperationalError, PoolTimeout):
        return False
