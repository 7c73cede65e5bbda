"""The worker's drain lane in a process of its own, as fast as it goes."""

import threading

import django

django.setup()

from core.lanes import lanes, run_until  # noqa: E402  (needs Django set up)

if __name__ == "__main__":
    run_until(threading.Event(), lanes(["drain"]))
