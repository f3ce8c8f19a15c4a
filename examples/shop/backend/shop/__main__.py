"""`python -m shop`."""

import os

from shop.logs import log_as_json
from shop.server import make_server

log_as_json(os.environ.get("LOG_LEVEL", "info"))
make_server().run()
