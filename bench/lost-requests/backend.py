"""The shop's backend as far as a deploy is concerned: /readyz, draining, keep-alive, and a request that takes a second."""

import os
import signal
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

DRAIN_SECONDS = float(os.environ.get("DRAIN_SECONDS", "0"))
VERSION = os.environ.get("VERSION", "")
BROKEN = VERSION.startswith("broken")
state = {"draining": False, "under_way": 0}
lock = threading.Lock()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 120

    def do_GET(self):
        with lock:
            state["under_way"] += 1
        try:
            if self.path == "/api/slow":
                time.sleep(1)
            ready = not (BROKEN or (state["draining"] and self.path == "/readyz"))
            body = VERSION.encode()
            self.send_response(200 if ready else 503)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        finally:
            with lock:
                state["under_way"] -= 1

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def server_bind(self):
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        super().server_bind()


server = Server(("", int(os.environ.get("PORT", "8000"))), Handler)


def drain(*_):
    state["draining"] = True
    threading.Timer(DRAIN_SECONDS, server.shutdown).start()


signal.signal(signal.SIGTERM, drain)
server.serve_forever(poll_interval=0.05)
server.server_close()
while state["under_way"] > 0:
    time.sleep(0.05)
