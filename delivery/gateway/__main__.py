"""`python -m delivery.gateway --port 8001 --workers 2`: serve the gateway with granian."""

from __future__ import annotations

import argparse
import os

from granian.constants import Interfaces

from delivery.gateway.serving import Server
from delivery.gateway.worker import FLOATING_VARIABLE, WORKERS_VARIABLE


def main() -> None:
    """Serve until stopped. Each worker is a process; a failed one is started again."""
    parser = argparse.ArgumentParser(prog="python -m delivery.gateway", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8001)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--threads", type=int, default=32, help="request threads in each worker")
    parser.add_argument(
        "--floating", action="store_true", help="do not keep each worker on one processor"
    )
    given = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    os.environ[WORKERS_VARIABLE] = str(given.workers)
    if given.floating:
        os.environ[FLOATING_VARIABLE] = "1"
    Server(
        "delivery.gateway.worker:make",
        factory=True,
        address=given.host,
        port=given.port,
        interface=Interfaces.WSGI,
        workers=given.workers,
        blocking_threads=given.threads,
        websockets=False,
        respawn_failed_workers=True,
    ).serve()


if __name__ == "__main__":
    main()
