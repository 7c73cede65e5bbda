"""API keys: issued once in clear, kept as SHA-256, revoked for good."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import events, inputs, rules
from accounts.models import ApiKey, Membership
from accounts.states import Scope
from core.actors import Actor
from core.errors import Invalid, WrongState
from core.events import record
from core.ids import ALPHABET
from core.time import effective_time, require_order
from core.verdicts import require

LONGEST = timedelta(days=366)
COARSE = timedelta(hours=1)


def issue_api_key(
    membership: Membership,
    *,
    label: str,
    scopes: Iterable[str],
    expires_at: datetime,
    by: Actor,
    now: datetime | None = None,
) -> tuple[ApiKey, str]:
    """A new key of the member and its token, which is shown here and never again.

    `scopes` are Scope values, at least one; `expires_at` lies within 366 days.
    Raises Invalid for label, scopes or term, NotAllowed. Records ApiKeyIssued.
    """
    organisation = membership.organisation
    at = effective_time(now, by=by, parties=[organisation])
    wanted = sorted({str(scope) for scope in scopes})
    check_terms(wanted, expires_at, at)
    with transaction.atomic():
        require(rules.may_issue_api_key(by, membership))
        prefix = "".join(secrets.choice(ALPHABET) for _ignored in range(8))
        token = f"tsk_{prefix}_{secrets.token_urlsafe(32)}"
        key = ApiKey.objects.create(
            membership=membership,
            label=inputs.line(label, 80, "label"),
            prefix=prefix,
            token_sha256=hashlib.sha256(token.encode()).hexdigest(),
            scopes=wanted,
            created_at=at,
            expires_at=expires_at,
        )
        record(
            events.ApiKeyIssued(
                organisation=organisation.pk,
                user=membership.user_id,
                scopes=wanted,
                expires_at=expires_at,
            ),
            by=by,
            about=[key.pk, organisation.pk, membership.user_id],
            parties=[organisation],
            effective_at=at if now else None,
        )
    return key, token


def check_terms(scopes: list[str], expires_at: datetime, at: datetime) -> None:
    """Raise Invalid for unknown or no scopes, or a term that is over, too long or naive."""
    if not scopes or set(scopes) - set(Scope.values):
        raise Invalid(
            "unknown-scope",
            _("Name at least one scope, each one of: %(scopes)s.")
            % {"scopes": ", ".join(Scope.values)},
            field="scopes",
        )
    if expires_at.tzinfo is None or not at < expires_at <= at + LONGEST:
        raise Invalid(
            "bad-expiry",
            _("A key expires later than now and within 366 days."),
            field="expires_at",
        )


def revoke_api_key(key: ApiKey, *, by: Actor, now: datetime | None = None) -> ApiKey:
    """The key opens nothing any more.

    Raises WrongState when it was revoked before, NotAllowed. Records ApiKeyRevoked.
    """
    membership = key.membership
    at = effective_time(now, by=by, parties=[membership.organisation])
    with transaction.atomic():
        require(rules.may_revoke_api_key(by, key))
        require_order(at, key.created_at)
        if not ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=at):
            raise WrongState(
                "wrong-state",
                _("This API key has been revoked already."),
                state="revoked",
                verb="revoke",
            )
        key.revoked_at = at
        record(
            events.ApiKeyRevoked(organisation=membership.organisation_id, user=membership.user_id),
            by=by,
            about=[key.pk, membership.organisation_id, membership.user_id],
            parties=[membership.organisation],
            effective_at=at if now else None,
        )
    return key


def note_use(key: ApiKey) -> None:
    """The key's last use is known to within an hour. Plumbing: no event."""
    moment = timezone.now()
    stale = Q(last_used_at=None) | Q(last_used_at__lt=moment - COARSE)
    if key.last_used_at is None or key.last_used_at < moment - COARSE:
        ApiKey.objects.filter(stale, pk=key.pk).update(last_used_at=moment)
