"""Users and organisations as tests need them, made through the actions."""

from __future__ import annotations

import hashlib
import itertools
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.utils import timezone
from stdnum.cn import uscc

from accounts import actions, queries
from accounts.models import ApiKey, Organisation, SigningKey, User
from accounts.states import OrganisationKind, Role, Scope
from core.actors import COMMAND, Actor
from tallystick import keys

PASSWORD = "correct horse 28"
NUMBERS = itertools.count(1)


def make_uscc(number: int | None = None) -> str:
    """A valid code of an enterprise in Chongqing, another one each time."""
    body = f"91500000{next(NUMBERS) if number is None else number:09d}"
    return body + uscc.calc_check_digit(body)


def make_user(name: str = "示例用户") -> User:
    """A user without an organisation, signed up at the command line."""
    email = f"user{next(NUMBERS)}@example.cn"
    return actions.register_user(email=email, name=name, password=PASSWORD, by=COMMAND)


def make_exchange(*, demo: bool = True, now: datetime | None = None) -> Organisation:
    """The exchange of this test: founded on first use, then the same."""
    if found := Organisation.objects.filter(kind=OrganisationKind.EXCHANGE).first():
        return found
    founders = [
        actions.Founder(f"admin{number}@exchange.example.cn", f"管理员{number}", PASSWORD)
        for number in (1, 2)
    ]
    return actions.bootstrap(
        name="示例数据交易所",
        uscc=make_uscc(),
        region="500000",
        administrators=founders,
        demo=demo,
        by=COMMAND,
        now=now,
    )


def make_administrator() -> Actor:
    """The first administrator of the exchange."""
    exchange = make_exchange()
    return queries.actor_for(queries.members_of(exchange)[0].user, exchange)


def make_reviewer(*, now: datetime | None = None) -> Actor:
    """A reviewer of the exchange, another person each time."""
    exchange = make_exchange()
    return make_member(exchange, Role.REVIEWER, now=now)


def make_member(
    organisation: Organisation, *roles: Role | str, now: datetime | None = None
) -> Actor:
    """A new user who is a member with `roles`, as an actor."""
    user = make_user()
    actions.add_member(organisation, user=user, roles=roles, by=COMMAND, now=now)
    return queries.actor_for(user, organisation)


def make_applicant(
    kind: OrganisationKind = OrganisationKind.ENTERPRISE,
    *,
    name: str = "示例企业",
    demo: bool = True,
    now: datetime | None = None,
) -> Organisation:
    """An organisation that has applied and was not decided on."""
    code = make_uscc()
    return actions.apply_for_admission(
        name=name,
        uscc=code,
        kind=kind,
        region="500103",
        onboarding_sha256=hashlib.sha256(code.encode()).hexdigest(),
        applicant=make_user(),
        demo=demo,
        by=COMMAND,
        now=now,
    )


def make_organisation(
    kind: OrganisationKind = OrganisationKind.ENTERPRISE,
    *,
    name: str = "示例企业",
    demo: bool = True,
    now: datetime | None = None,
) -> Organisation:
    """A qualified organisation with one member, who has all its first roles."""
    organisation = make_applicant(kind, name=name, demo=demo, now=now)
    return actions.admit(organisation, by=make_reviewer(), now=now)


def make_seller(*, demo: bool = True, now: datetime | None = None) -> Organisation:
    """A qualified enterprise that sells."""
    return make_organisation(name="示例供方企业", demo=demo, now=now)


def make_buyer(*, demo: bool = True, now: datetime | None = None) -> Organisation:
    """A qualified enterprise that buys."""
    return make_organisation(name="示例需方企业", demo=demo, now=now)


def make_service(*, demo: bool = True) -> Organisation:
    """A qualified service institution."""
    return make_organisation(OrganisationKind.SERVICE, name="示例服务机构", demo=demo)


def make_regulator(*, demo: bool = True) -> Organisation:
    """A qualified regulator."""
    return make_organisation(OrganisationKind.REGULATOR, name="示例监管机构", demo=demo)


def actor_of(organisation: Organisation) -> Actor:
    """The organisation's first member as an actor."""
    return queries.actor_for(queries.members_of(organisation)[0].user, organisation)


def make_private_key() -> tuple[Ed25519PrivateKey, str]:
    """A new Ed25519 key and its public half in hex."""
    private = Ed25519PrivateKey.generate()
    return private, keys.public_of(private).hex()


def enrol(
    organisation: Organisation, *, now: datetime | None = None
) -> tuple[Ed25519PrivateKey, SigningKey]:
    """A signing key that the organisation's first member has enrolled."""
    private, public = make_private_key()
    by = actor_of(organisation)
    challenge = actions.challenge_key(organisation, public_key=public, by=by, now=now)
    answer = keys.prove_possession(
        private,
        origin=settings.LOG_ORIGIN,
        challenge=challenge.nonce,
        document_sha256=challenge.document_sha256,
    )
    key = actions.enrol_key(organisation, public_key=public, signature=answer.hex(), by=by, now=now)
    return private, key


def make_api_key(
    organisation: Organisation, *scopes: Scope | str, days: int = 30
) -> tuple[ApiKey, str]:
    """An API key of the organisation's first member, and its token; all scopes by default."""
    membership = queries.members_of(organisation)[0]
    return actions.issue_api_key(
        membership,
        label="测试",
        scopes=scopes or Scope.values,
        expires_at=timezone.now() + timedelta(days=days),
        by=COMMAND,
    )


def make_actor_key(actor: Actor) -> str:
    """The token of an API key that acts as this actor, with every scope."""
    membership = queries.membership_of(
        queries.user(actor.user_id), queries.organisation(actor.organisation_id)
    )
    _key, token = actions.issue_api_key(
        membership,
        label="测试",
        scopes=Scope.values,
        expires_at=timezone.now() + timedelta(days=30),
        by=COMMAND,
    )
    return token
