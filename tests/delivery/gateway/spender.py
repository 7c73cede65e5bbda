"""A gateway in a process of its own that calls itself until the quota is used up.

`python -m tests.delivery.gateway.spender ADDRESS TOKEN WORKERS PAUSE_MS`: prints a line
for each admitted call, with its decision; ends with "exhausted".
"""

import json
import sys
import time

from delivery.gateway.worker import make
from tests.factories.gateway import call

PURPOSE = "%E5%9F%8E%E5%B8%82%E8%A7%84%E5%88%92"
PATIENT = {"quota-busy", "not-fresh", "rows-loading", "key-unknown", "contract-unknown"}


def main(address, token, workers, pause_ms):
    gateway = make(workers=int(workers))
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": address,
        "QUERY_STRING": "limit=1",
        "HTTP_X_PURPOSE": PURPOSE,
        "HTTP_AUTHORIZATION": f"Bearer {token}",
    }
    while True:
        reply = call(gateway, environ)
        if reply.status == 200:
            say(reply.headers["X-Decision"])
            time.sleep(int(pause_ms) / 1000)
            continue
        code = json.loads(reply.body)["code"]
        if code == "quota-exhausted":
            say("exhausted")
            return
        if code not in PATIENT:
            raise SystemExit(f"refused: {code}")
        time.sleep(0.03)


def say(line):
    """One line to the test that started this process."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
