"""What the gateway's figures are measured with: a market, two servers, and wrk."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from bench import Unavailable
from bench.databases import scratch_postgresql

WORKERS, CONNECTIONS = 2, 64
SECONDS = 4
MOST = 10**9
"""A quota that no figure uses up."""
PURPOSE = "%E5%9F%8E%E5%B8%82%E8%A7%84%E5%88%92"


@dataclass(frozen=True)
class Load:
    """What wrk saw: answers a second, how many in all, how many were refusals, and p99."""

    rate: float
    answers: int
    refused: int
    p99: str

    @property
    def admitted(self) -> int:
        """Answers that were none of these refusals."""
        return self.answers - self.refused


@dataclass(frozen=True)
class Market:
    """A deposited table and what serves it: a contract's address and a key."""

    deal: Any
    token: str

    @property
    def path(self) -> str:
        """One row of the table."""
        return f"/d/{self.deal.contract.id}/rows?limit=1"

    @property
    def headers(self) -> list[str]:
        """What a caller sends."""
        return [f"Authorization: Bearer {self.token}", f"X-Purpose: {PURPOSE}"]


def ask(port: int, path: str, headers: list[str], *, seconds: float = SECONDS) -> Load:
    """Ask one address over and over with wrk. Raises Unavailable where there is no wrk."""
    tool = shutil.which("wrk")
    if tool is None:
        raise Unavailable("wrk is not installed (Debian package wrk)")
    options = [f"-t1 -c{CONNECTIONS} -d{seconds}s --latency".split()]
    command = [tool, *options[0], *(f"-H{header}" for header in headers)]
    url = f"http://127.0.0.1:{port}{path}"
    told = subprocess.run([*command, url], capture_output=True, text=True, check=True).stdout
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", told)
    return Load(
        rate=float(found(r"Requests/sec:\s+([\d.]+)", told)),
        answers=int(found(r"(\d+) requests in", told)),
        refused=int(refused[1]) if refused else 0,
        p99=found(r"99%\s+(\S+)", told),
    )


def found(pattern: str, text: str) -> str:
    """The first group. Raises ValueError with the text where the pattern is not there."""
    match = re.search(pattern, text)
    if match is None:
        raise ValueError(f"wrk said {text!r}")
    return match[1]


@contextmanager
def process(*command: str, **environment: str) -> Iterator[None]:
    """A command that runs while the block does, and ends with it."""
    with subprocess.Popen(
        [sys.executable, *command],
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as running:
        try:
            yield
        finally:
            running.terminate()
            try:
                running.wait(15)
            except subprocess.TimeoutExpired:
                running.kill()


@contextmanager
def market_place() -> Iterator[None]:
    """A database and a folder of its own, both named in the environment of what is started."""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="tallystick-bench-"))
        stack.enter_context(scratch_postgresql())
        from django.conf import settings
        from django.db import connection

        given = os.environ["DATABASE_URL"]
        changed = {
            "DATABASE_URL": given.rpartition("/")[0] + f"/{connection.settings_dict['NAME']}",
            "TALLYSTICK_VAR": folder,
        }
        kept = {name: os.environ.get(name) for name in changed}
        stack.callback(restore, kept)
        os.environ.update(changed)
        settings.SPOOL_DIR = Path(folder, "spool")
        settings.OBJECT_DIR = Path(folder, "objects")
        settings.KEY_DIR = Path(folder, "keys")
        yield


def restore(kept: dict[str, str | None]) -> None:
    """Put environment variables back."""
    for name, value in kept.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


def certified() -> Any:
    """A certificate on a small table whose file is deposited."""
    from tests.factories import delivery

    path = delivery.make_csv(Path(os.environ["TALLYSTICK_VAR"]))
    certificate = delivery.make_registered(path)
    delivery.make_deposit(certificate, path)
    return certificate


def open_market(certificate: Any, *, rows: int, price_fen: int) -> Market:
    """An active contract for so many calls at that price, and a key of its buyer."""
    from tests.factories import contracts, delivery

    deal = delivery.make_deal_on(
        certificate,
        meters=delivery.meters(rows=rows, price_fen=price_fen),
        policy=contracts.make_policy(count=MOST),
    )
    return Market(deal, delivery.make_token(deal.buyer))


@contextmanager
def gateway(market: Market, threads: int) -> Iterator[int]:
    """The gateway, ready in every worker; its port."""
    port = free_port()
    options = ["--port", str(port), "--workers", str(WORKERS), "--threads", str(threads)]
    with process("-m", "delivery.gateway", *options):
        answer = wait_for(port, market)
        os.environ["BENCH_BODY_BYTES"] = str(len(answer))
        ask(port, market.path, market.headers, seconds=1)
        yield port


@contextmanager
def bare(threads: int) -> Iterator[int]:
    """The bare callable under the same server; its port."""
    port = free_port()
    options = f"--interface wsgi --port {port} --workers {WORKERS} --blocking-threads {threads}"
    with process("-m", "granian", *options.split(), "--no-ws", "bench.bare:application"):
        wait_for(port, None)
        yield port


def free_port() -> int:
    """A port that nobody uses just now."""
    import socket

    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int, market: Market | None) -> bytes:
    """Ask until thirty answers in a row are good; the last one's body."""
    path = market.path if market else "/"
    headers = dict(line.split(": ", 1) for line in market.headers) if market else {}
    deadline, good, body = time.monotonic() + 60, 0, b""
    while good < 30:
        try:
            request = Request(f"http://127.0.0.1:{port}{path}", headers=headers)
            with closing(urlopen(request, timeout=5)) as reply:  # noqa: S310 - loopback
                body, good = reply.read(), good + 1
        except OSError:
            good = 0
            time.sleep(0.1)
        if time.monotonic() > deadline:
            raise TimeoutError(f"nothing good answers on port {port}")
    return body
