"""Fixtures every test may ask for; each worker takes ports from a place of its own."""

import os

from hub.ports import COUNT, walk_from

pytest_plugins = ["tests.databases"]

WORKERS_MAX = 8

if worker := os.getenv("PYTEST_XDIST_WORKER", ""):
    walk_from(int(worker.removeprefix("gw")) % WORKERS_MAX * (COUNT // WORKERS_MAX))
