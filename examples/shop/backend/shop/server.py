"""The server. Told to stop, it says so at /readyz, answers for DRAIN_SECONDS more, and ends what is under way."""

import asyncio
import os
from types import FrameType

import uvicorn

from shop.app import app


class DrainingServer(uvicorn.Server):
    drain_seconds = float(os.environ.get("DRAIN_SECONDS", "0"))

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if app.state.draining:  # asked a second time: now
            return super().handle_exit(sig, frame)
        app.state.draining = True
        asyncio.get_running_loop().call_later(self.drain_seconds, super().handle_exit, sig, frame)


def make_server() -> DrainingServer:
    return DrainingServer(
        uvicorn.Config(
            app,
            host=os.environ.get("HOST", "127.0.0.1"),
            port=int(os.environ.get("PORT", "8000")),
            log_config=None,
            access_log=False,
            server_header=False,
            # Longer than a proxy keeps an idle connection, so that none is closed while a request is on its way into it.
            timeout_keep_alive=120,
            timeout_graceful_shutdown=15,
        )
    )
