"""Act 1: the exchange is founded, its members are admitted, each enrols a key of its own."""

from __future__ import annotations

import hashlib
import os

from django.conf import settings
from django.core.management import call_command
from stdnum.cn import uscc

from accounts import actions
from accounts.models import Organisation, User
from accounts.queries import person, the_exchange
from accounts.states import OrganisationKind, Role
from core.actors import COMMAND
from core.errors import Invalid
from demo.teller import tallystick
from demo.world import PASSWORD, World

STAFF = (("chen", "陈审", "chen@exchange.example"), ("lin", "林核", "lin@exchange.example"))
MEMBERS = (
    ("seller", "示例数据服务（重庆）有限公司", 1, OrganisationKind.ENTERPRISE, "周卖"),
    ("buyer", "示例城市规划研究院", 2, OrganisationKind.ENTERPRISE, "吴买"),
    ("service", "示例数据质量评价有限公司", 3, OrganisationKind.SERVICE, "郑评"),
    ("regulator", "示例数据局", 4, OrganisationKind.REGULATOR, "王监"),
)


def play(world: World) -> None:
    """Found, apply, admit, enrol."""
    world.tell.act(1, "Members and keys 主体入驻")
    found(world)
    for member in MEMBERS:
        admit(world, *member)
    for name in ("seller", "buyer"):
        enrol(world, name)


def found(world: World) -> None:
    """The exchange with its first two administrators, once; then their reviewer seats."""
    os.environ |= {f"TALLYSTICK_PASSWORD_{n}": PASSWORD for n in (1, 2)}
    call_command(
        "bootstrap",
        name="示例数据交易所",
        uscc=demo_code(9),
        region="500112",
        administrator=[f"{email}:{name}" for _key, name, email in STAFF],
        demo=True,
        verbosity=0,
    )
    exchange = the_exchange()
    for key, _name, email in STAFF:
        world.member[key] = (User.objects.get(email=email), exchange)
    world.tell.say("exchange founded", exchange=exchange.pk, uscc=exchange.uscc)
    for key, name in (("he", "何查"), ("gao", "高复")):
        user = actions.register_user(
            email=f"{key}@exchange.example", name=name, password=PASSWORD, by=COMMAND
        )
        invitation = actions.invite(
            exchange,
            email=user.email,
            roles=[Role.REVIEWER],
            by=world.actor("chen"),
            now=world.later(minutes=4),
        )
        actions.accept_invitation(
            invitation, user=user, by=person(user), now=world.later(minutes=1)
        )
        world.member[key] = (user, exchange)
        world.tell.say("reviewer appointed", user=user.pk)


def admit(  # noqa: PLR0917 - the columns of MEMBERS
    world: World, name: str, title: str, number: int, kind: str, person: str
) -> None:
    """One organisation applies and is admitted by a reviewer."""
    code = demo_code(number)
    user = actions.register_user(
        email=f"{name}@member.example", name=person, password=PASSWORD, by=COMMAND
    )
    document = world.folder(name) / "onboarding.txt"
    document.write_text(f"{title}\n入驻承诺书（示例）\n", encoding="utf-8")
    if name == "seller":
        mistyped(world, user, title, code)
    organisation = actions.apply_for_admission(
        name=title,
        uscc=code,
        kind=kind,
        region="500112",
        onboarding_sha256=hashlib.sha256(document.read_bytes()).hexdigest(),
        applicant=user,
        by=COMMAND,
        demo=True,
        now=world.later(minutes=20),
    )
    actions.admit(organisation, by=world.actor("he"), now=world.later(minutes=40))
    world.member[name] = (user, organisation)
    world.tell.say(f"{title} admitted", organisation=organisation.pk, uscc=code)


def mistyped(world: World, user: User, title: str, code: str) -> None:
    """A wrong check digit is refused with the digit that it should be."""
    wrong = code[:-1] + ("0" if code[-1] != "0" else "1")
    before = Organisation.objects.count()
    try:
        actions.apply_for_admission(
            name=title, uscc=wrong, kind=OrganisationKind.ENTERPRISE, region="500112",
            onboarding_sha256="0" * 64, applicant=user, by=COMMAND, demo=True,
        )  # fmt: skip
        refusal = ""
    except Invalid as error:
        refusal = f"{error.message}"
    kept = Organisation.objects.count() == before
    world.tell.check("a wrong check digit is refused", bool(refusal) and kept, refusal)


def enrol(world: World, name: str) -> None:
    """The organisation makes a key in its own folder and proves that it holds it."""
    organisation, by = world.organisation(name), world.actor(name)
    path = world.folder(name) / "signing.key"
    public = tallystick("keys", "new", path)["public_key"]
    challenge = actions.challenge_key(
        organisation, public_key=public, by=by, now=world.later(minutes=2)
    )
    proof = tallystick(
        "keys", "prove", path, "--origin", settings.LOG_ORIGIN, "--challenge", challenge.nonce,
        "--document", world.folder(name) / "onboarding.txt",
    )  # fmt: skip
    key = actions.enrol_key(
        organisation,
        public_key=public,
        signature=proof["signature"],
        by=by,
        now=world.later(minutes=2),
    )
    world.tell.check(f"{name} holds its key", key.public_key == public, f"{key.pk} {public[:16]}…")


def demo_code(number: int) -> str:
    """A 统一社会信用代码 of the demonstration: a valid check character, a body that says DEM0."""
    body = f"91500112MADEM{number:04d}"
    return body + uscc.calc_check_digit(body)
