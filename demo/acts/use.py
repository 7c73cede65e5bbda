"""Act 5: the buyer calls until the quota is spent; each refusal has its own reason."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from datetime import timedelta
from email.message import Message
from typing import Any

from django.utils import timezone

from accounts.actions import issue_api_key
from accounts.models import Membership
from accounts.states import Scope
from contracts.models import UsageEvent
from demo.acts.contract import QUOTA
from demo.acts.listing import PURPOSE
from demo.machine import until
from demo.teller import tallystick
from demo.world import DATA, World

BREAK_AT = 600_000
STATED = 25  # calls before the moment up to which the interim statement is drawn


@dataclass(frozen=True)
class Reply:
    """What the gateway answered."""

    status: int
    headers: Message
    body: bytes

    def json(self) -> dict[str, Any]:
        """The body as JSON."""
        answer: dict[str, Any] = json.loads(self.body)
        return answer


def play(world: World) -> None:
    """A key, forty calls, the forty-first, four other refusals, and the file in two parts."""
    world.tell.act(5, "Use: authorised, metered, refused with a reason 按次计量")
    user, organisation = world.member["buyer"]
    membership = Membership.objects.get(user=user, organisation=organisation)
    key, token = issue_api_key(
        membership, label="demo", scopes=[Scope.READ, Scope.DATA],
        expires_at=timezone.now() + timedelta(days=30), by=world.actor("buyer"),
    )  # fmt: skip
    world.thing["token"] = token
    world.tell.say("API key issued, stored as SHA-256 only", key=key.pk)
    contract = world.thing["contract"]
    address = f"{world.gateway}/d/{contract.pk}"
    until(
        lambda: ask(address + "/file", token, {"Range": "bytes=0-0"}).status == 206,
        30,
        "the gateway knows the contract",
    )
    refusals(world, address, token)
    spend(world, address, token)
    download(world, address, token)
    billed = UsageEvent.objects.filter(contract=contract.pk, meter="rows.call")
    until(lambda: billed.count() == QUOTA, 30, "all calls are in the usage table")
    world.tell.check(
        "every call is recorded once, refusals spend nothing",
        billed.count() == QUOTA,
        f"{QUOTA} events",
    )


def ask(
    address: str, token: str, headers: dict[str, str] | None = None, *, purpose: str = PURPOSE
) -> Reply:
    """One GET at the gateway."""
    sent = {
        "Authorization": f"Bearer {token}",
        "X-Purpose": urllib.parse.quote(purpose),
        "Accept-Language": "zh",
        **(headers or {}),
    }
    request = urllib.request.Request(address, headers=sent)  # noqa: S310 - loopback
    try:
        with urllib.request.urlopen(request, timeout=30) as reply:  # noqa: S310
            return Reply(reply.status, reply.headers, reply.read())
    except urllib.error.HTTPError as error:
        return Reply(error.code, error.headers, error.read())


def patient(address: str, token: str) -> Reply:
    """One call, sent again while the answer is quota-busy: units are leased and not yet counted."""
    for _attempt in range(30):
        reply = ask(address, token)
        if reply.status != 429 or reply.json()["code"] != "quota-busy":
            break
        time.sleep(float(reply.headers["Retry-After"]))
    return reply


def rows(address: str, cursor: str = "", **filters: str) -> str:
    """The address of a page of rows."""
    query = {"district": "渝中区", "limit": "10", **filters} | (
        {"cursor": cursor} if cursor else {}
    )
    return f"{address}/rows?{urllib.parse.urlencode(query)}"


def refusals(world: World, address: str, token: str) -> None:
    """A wrong key, an ended term, a purpose not agreed, an unknown filter: each its own reason."""
    brief = world.thing["ended"]
    end = brief.terms_value.ends_at
    until(lambda: timezone.now() > end, 30, "the second contract's term is over")
    ended = f"{world.gateway}/d/{brief.pk}"
    cases = (
        (
            "a wrong key",
            ask(rows(address), token[:-1] + ("A" if token[-1] != "A" else "B")),
            "key-unknown",
        ),
        ("a contract whose term has ended", ask(rows(ended), token), "contract-ended"),
        (
            "a purpose not agreed",
            ask(rows(address), token, purpose="广告营销"),
            "purpose-not-agreed",
        ),
        ("an unknown filter", ask(rows(address, province="重庆"), token), "filter-unknown"),
    )
    for what, reply, expected in cases:
        problem = reply.json()
        world.tell.refused(what, problem["code"], expected, f"{reply.status} {problem['detail']}")


def spend(world: World, address: str, token: str) -> None:
    """Read on by cursor until the quota is spent; the next call names contract and quota."""
    seen, cursor = 0, ""
    for number in range(QUOTA):
        if number == STATED:
            world.thing["interim"] = timezone.now()
        reply = patient(rows(address, cursor), token)
        if reply.status != 200:
            world.tell.check("a call within the quota is answered", False, reply.body.decode())
        page = reply.json()
        wrong = [row for row in page["rows"] if row["district"] != "渝中区"]
        if wrong:
            world.tell.check("the filter holds", False, wrong[0])
        seen, cursor = seen + len(page["rows"]), page["next_cursor"] or ""
    world.tell.say(f"{QUOTA} calls answered", rows=seen)
    problem = patient(rows(address), token).json()
    names_both = world.thing["contract"].pk in problem["detail"] and str(QUOTA) in problem["detail"]
    world.tell.refused(
        "the call past the quota", problem["code"], "quota-exhausted", problem["detail"]
    )
    world.tell.check("the refusal names the contract and the quota", names_both)


def download(world: World, address: str, token: str) -> None:
    """The file in two parts, resumed by range; its fingerprint is the registered one."""
    first = ask(address + "/file", token, {"Range": f"bytes=0-{BREAK_AT - 1}"})
    etag = first.headers["ETag"]
    rest = ask(address + "/file", token, {"Range": f"bytes={BREAK_AT}-", "If-Range": etag})
    world.tell.check(
        "the download breaks off and is resumed",
        (first.status, rest.status) == (206, 206),
        f"at {BREAK_AT:,}",
    )
    path = world.folder("buyer") / DATA.name
    path.write_bytes(first.body + rest.body)
    code = world.thing["certificate"].code
    verdict = tallystick("verify", path, "--exchange", world.site, "--code", code)
    world.tell.check("the buyer's file is the registered one", bool(verdict), code)
    path.write_bytes(first.body + rest.body[:-1] + b"x")
    tallystick("verify", path, "--exchange", world.site, "--code", code, expect=1)
    world.tell.check("a file changed in one byte is not", path.read_bytes() != DATA.read_bytes())
    path.write_bytes(first.body + rest.body)
