#!/usr/bin/env bash
# The unit tests of both services: Node 22.18 or newer for the frontend, Python 3.11 or newer for the backend.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

npm test --prefix frontend

python3 -m venv .venv
.venv/bin/pip install --quiet --requirement backend/requirements-test.txt
(cd backend && ../.venv/bin/python -m pytest --quiet)
