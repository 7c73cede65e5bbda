"""`python -m demo run` and `python -m demo play`."""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import signal
import socket
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from demo.machine import Machine
from demo.teller import StoryBroken, Teller

SITE, GATEWAY = 8000, 8001


def main() -> int:
    """Parse, prepare the environment, and run. Exit status 0 only if every check held."""
    parser = argparse.ArgumentParser(prog="python -m demo", description=__doc__)
    parser.add_argument("mode", choices=("run", "play"))
    mode = parser.parse_args().mode
    signal.signal(signal.SIGTERM, lambda *_args: sys.exit(143))
    try:
        return play() if mode == "play" else run()
    except StoryBroken as broken:
        print(f"\nFAILED  {broken}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def play() -> int:
    """The whole story in a temporary folder, which is removed afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="tallystick-demo-"))
    for name in ("DATABASE_URL", "BROKER_URL"):
        os.environ.pop(name, None)
    site, gateway = free_port(), free_port()
    tell = Teller()
    machine = prepare(folder, site, gateway)
    try:
        machine.start()
        story(tell, site, gateway)
    finally:
        machine.stop()
        shutil.rmtree(folder)
    took = time.monotonic() - tell.began
    print(f"\nThe story holds: {tell.verified} checks verified in {took:.0f} s.")
    return 0


def run() -> int:
    """Tell the story once in var/, then serve until Ctrl-C; a second start keeps the data."""
    for port in (SITE, GATEWAY):
        if not is_free(port):
            raise StoryBroken(f"port {port} of 127.0.0.1 is taken; stop what listens there")
    folder = Path(os.environ.get("TALLYSTICK_VAR", Path(__file__).resolve().parent.parent / "var"))
    machine = prepare(folder, SITE, GATEWAY)
    told = folder / "demo" / "told"
    try:
        machine.start()
        if not told.exists():
            story(Teller(), SITE, GATEWAY)
            told.touch()
        welcome()
        while not machine.fallen():
            time.sleep(0.5)
        raise StoryBroken(f"{machine.fallen()} has stopped; see {folder / 'logs'}")
    except KeyboardInterrupt:
        print("\nStopping.", flush=True)
        return 0
    finally:
        machine.stop()


def prepare(folder: Path, site: int, gateway: int) -> Machine:
    """Settings, tables, static files and keys in `folder`; what is there already is kept."""
    folder.mkdir(parents=True, exist_ok=True)
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "TALLYSTICK_VAR": str(folder),
        "SITE_URL": f"http://127.0.0.1:{site}",
        "GATEWAY_URL": f"http://127.0.0.1:{gateway}",
        "LOG_LEVEL": os.environ.get("LOG_LEVEL", "WARNING"),
    }
    import django
    from django.core.management import call_command

    django.setup()
    refuse_half_told(folder)
    call_command("migrate", verbosity=0)
    collect_static(folder / "static.stamp")
    if not (folder / "demo" / "told").exists():
        call_command("ledger_init", verbosity=0)
    return Machine(folder, site, gateway)


def collect_static(stamp: Path) -> None:
    """Collect static files, unless none has changed since `stamp` was written."""
    from django.contrib.staticfiles.finders import get_finders
    from django.core.management import call_command

    digest = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list([]):
            stat = Path(storage.path(path)).stat()
            digest.update(f"{path}\0{stat.st_size}\0{stat.st_mtime_ns}\n".encode())
    if stamp.exists() and stamp.read_text() == digest.hexdigest():
        return
    call_command("collectstatic", verbosity=0, interactive=False)
    stamp.write_text(digest.hexdigest())


def refuse_half_told(folder: Path) -> None:
    """A story that was cut off cannot go on. Raises StoryBroken naming the way out."""
    begun = folder / "demo"
    if begun.exists() and not (begun / "told").exists():
        raise StoryBroken(
            f"the demonstration in {folder} was cut off in the middle;"
            " remove that folder and start again"
        )


def story(tell: Teller, site: int, gateway: int) -> None:
    """All acts on one world, beginning some working days ago and ending now."""
    from django.utils import timezone

    from core.workdays import workdays_back
    from demo.acts import ACTS
    from demo.world import World

    world = World(
        tell=tell,
        clock=workdays_back(timezone.now(), 10).replace(hour=1, minute=0),
        site=f"http://127.0.0.1:{site}",
        gateway=f"http://127.0.0.1:{gateway}",
    )
    for act in ACTS:
        act(world)


def welcome() -> None:
    """Addresses and demo logins."""
    from demo.world import PASSWORD
    from registry.queries import latest_certificates

    code = latest_certificates(1)[0].code
    lines: list[tuple[str, Any]] = [
        ("site", f"http://127.0.0.1:{SITE}/   English: http://127.0.0.1:{SITE}/en/"),
        ("certificate", f"http://127.0.0.1:{SITE}/r/{code}"),
        ("API", f"http://127.0.0.1:{SITE}/api/v1/docs"),
        ("admin", f"http://127.0.0.1:{SITE}/break-glass/   read-only"),
        ("gateway", f"http://127.0.0.1:{GATEWAY}/d/<contract>/rows"),
        ("logins", "chen@exchange.example (administrator), he@exchange.example (reviewer)"),
        ("", "seller@member.example, buyer@member.example, regulator@member.example"),
        ("password", f"{PASSWORD}   the same for all"),
    ]  # fmt: skip
    print("\nTallystick 符契 is running. Ctrl-C stops everything.")
    for name, text in lines:
        print(f"  {name:<12} {text}")
    sys.stdout.flush()


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def is_free(port: int) -> bool:
    """Whether the port can be bound."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        return probe.connect_ex(("127.0.0.1", port)) != 0


if __name__ == "__main__":
    sys.exit(main())
