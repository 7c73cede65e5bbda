"""What a verifier has to trust, as the exchange states it of itself."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from core.errors import Unavailable
from core.keys import load_key
from ledger import queries as log
from ledger.models import LogIdentity
from tallystick import keys
from tallystick.proof import note


def trust_file() -> dict[str, Any]:
    """The value of trust.json: log key, exchange key, chain.

    A verifier compares it with what was published elsewhere; of a chain that is not local the
    block hashes are to be taken from a node. Raises Unavailable before `ledger_init`.
    """
    identity, public = pinned_log(), keys.public_of(load_key("exchange"))
    return {
        "v": 1,
        "origin": identity.origin,
        "log_vkey": identity.vkey,
        "exchange_vkey": note.vkey_of(exchange_name(identity.origin), public),
        "exchange_did": keys.did_of(public),
        "chain": log.chain_trust(),
    }


def exchange_name(origin: str) -> str:
    """The name under which the exchange signs manifests: the origin up to its first slash."""
    return origin.partition("/")[0]


def pinned_log() -> LogIdentity:
    """Origin and key of the log. Raises Unavailable before `ledger_init`."""
    identity = log.log_identity()
    if identity is None:
        raise Unavailable(
            "log-missing",
            _("The log has not been set up yet."),
            remedy=_("Run manage.py ledger_init."),
        )
    return identity
