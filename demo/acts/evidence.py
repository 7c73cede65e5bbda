"""Act 7: the regulator reads the whole trail and takes the evidence home to check it alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.utils import timezone

from accounts.actions import issue_api_key
from accounts.models import Membership
from accounts.states import Scope
from core.models import Event
from demo.machine import until
from demo.teller import ROOT, StoryBroken
from demo.world import World
from ledger.queries import seal_status
from tallystick.proof.report import OK
from tallystick.proof.verify import verify_bundle


def play(world: World) -> None:
    """Trail, bundle, offline verification, and a tampered copy for each file of the bundle."""
    world.tell.act(7, "Evidence: checked by a stranger, without the exchange 离线验证")
    world.thing["watcher"] = key_of_regulator(world)
    asset = world.thing["asset"].pk
    trail = json.loads(ask(world, f"trails/{asset}"))
    kinds = {line["type"].split(".")[0] for line in trail["lines"]}
    whole = {"registry", "marketplace", "contracts", "accounts"} <= kinds
    length = f"{len(trail['lines'])} events"
    world.tell.check("the trail reaches from registration to settlement", whole, length)
    newest = Event.objects.filter(subjects__ref=asset).latest("recorded_at")
    until(lambda: seal_status(newest.id).stage == "anchored", 60, "the trail is anchored")
    bundle = world.folder("regulator") / "bundle.zip"
    trust = world.folder("regulator") / "trust.json"
    bundle.write_bytes(ask(world, f"trails/{asset}/bundle", body=b"{}"))
    trust.write_bytes(ask(world, "trust"))
    world.tell.say("evidence bundle exported", bytes=bundle.stat().st_size)
    verify_alone(world, bundle, trust)
    tampered(world, bundle, trust)


def key_of_regulator(world: World) -> str:
    """An API key of the regulator's auditor."""
    user, organisation = world.member["regulator"]
    _key, token = issue_api_key(
        Membership.objects.get(user=user, organisation=organisation),
        label="demo",
        scopes=[Scope.READ, Scope.WRITE],
        expires_at=timezone.now() + timedelta(days=30),
        by=world.actor("regulator"),
    )
    return token


def ask(world: World, path: str, body: bytes | None = None) -> bytes:
    """One request to the JSON API as the regulator: a GET, or a POST of `body`."""
    request = urllib.request.Request(  # noqa: S310 - loopback
        f"{world.site}/api/v1/{path}",
        data=body,
        headers={
            "Authorization": f"Bearer {world.thing['watcher']}",
            "Content-Type": "application/json",
        },
    )
    with urllib.request.urlopen(request, timeout=60) as reply:  # noqa: S310
        answer: bytes = reply.read()
        return answer


def verify(bundle: Path, trust: Path) -> tuple[int, list[dict[str, Any]]]:
    """`tallystick verify` in a process that cannot import Django; its status and its links."""
    command = [sys.executable, "-m", "tallystick", "verify", str(bundle)]
    command += ["--trust", str(trust), "--json"]
    environment = {k: v for k, v in os.environ.items() if k != "DJANGO_SETTINGS_MODULE"}
    done = subprocess.run(  # noqa: S603 - our own command
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    if not done.stdout:
        return done.returncode, []
    return done.returncode, json.loads(done.stdout).get("links", [])


def verify_alone(world: World, bundle: Path, trust: Path) -> None:
    """Every link on a line of its own."""
    status, links = verify(bundle, trust)
    for link in links:
        world.tell.check(link["name"], link["status"] == OK, link["detail"])
    world.tell.check("every link holds", status == 0 and bool(links), f"{len(links)} links")


def tampered(world: World, bundle: Path, trust: Path) -> None:
    """A copy changed in one byte of each of its files is rejected."""
    whole, trusted = bundle.read_bytes(), json.loads(trust.read_text())
    copy = bundle.with_name("tampered.zip")
    names = 0
    with zipfile.ZipFile(bundle) as archive:
        for entry in archive.infolist():
            changed = bytearray(whole)
            changed[content_offset(whole, entry) + entry.file_size // 2] ^= 1
            copy.write_bytes(changed)
            if verify_bundle(copy, trusted).ok:
                raise StoryBroken(f"a copy changed in {entry.filename} was accepted")
            names += 1
    copy.unlink()
    what = "a copy changed in one byte of any file is rejected"
    world.tell.check(what, names > 0, f"{names} copies")


def content_offset(archive: bytes, entry: zipfile.ZipInfo) -> int:
    """Where an entry's stored bytes begin: after its local header, name and extra field."""
    header = archive[entry.header_offset : entry.header_offset + 30]
    name, extra = int.from_bytes(header[26:28], "little"), int.from_bytes(header[28:30], "little")
    return entry.header_offset + 30 + name + extra
