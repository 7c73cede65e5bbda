"""The processes of the demonstration: started together, stopped together."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from demo.teller import ROOT, StoryBroken

GRACE_SECONDS = 8


class Machine:
    """Site, gateway and workers as processes of their own, with a log file each."""

    def __init__(self, var: Path, site_port: int, gateway_port: int) -> None:
        self.var, self.site_port, self.gateway_port = var, site_port, gateway_port
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self) -> None:
        """Start everything and wait until site and gateway answer. Raises StoryBroken."""
        python = sys.executable
        self.spawn("worker", [python, "manage.py", "worker"])
        self.spawn("anchor", [python, "manage.py", "worker", "--lane", "anchor"])
        self.spawn("gateway", [python, "-m", "delivery.gateway", "--port", str(self.gateway_port)])
        self.spawn(
            "site",
            [python, "-m", "gunicorn", "config.wsgi:application",
             "--workers", "2", "--threads", "2",
             "--bind", f"127.0.0.1:{self.site_port}", "--log-level", "warning"],
        )  # fmt: skip
        until(lambda: self.answers(self.site_port), 60, "the site answers")
        until(lambda: self.answers(self.gateway_port), 60, "the gateway answers")

    def spawn(self, name: str, command: list[str]) -> None:
        """Start one process in a session of its own, so that Ctrl-C reaches it through us."""
        logs = self.var / "logs"
        logs.mkdir(parents=True, exist_ok=True)
        with (logs / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(  # noqa: S603 - our own commands
                command,
                cwd=ROOT,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )

    def answers(self, port: int) -> bool:
        """Whether an HTTP server answers on that port, whatever it says."""
        if dead := self.fallen():
            raise StoryBroken(f"{dead} has stopped; see {self.var / 'logs' / dead}.log")
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=2).close()
        except urllib.error.HTTPError:
            return True
        except OSError:
            return False
        return True

    def fallen(self) -> str:
        """The name of a process that has ended by itself; empty when all run."""
        return next((name for name, p in self.running.items() if p.poll() is not None), "")

    def stop(self) -> None:
        """Stop what was started: ask, wait, then insist."""
        for process in self.running.values():
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
        deadline = time.monotonic() + GRACE_SECONDS
        for process in self.running.values():
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        self.running.clear()


def until(ready: Callable[[], bool], seconds: float, what: str) -> None:
    """Wait until `ready` is true. Raises StoryBroken after `seconds`."""
    deadline = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > deadline:
            raise StoryBroken(f"after {seconds} s still not: {what}")
        time.sleep(0.1)
