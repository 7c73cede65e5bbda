"""Keys of the exchange's own machine, kept in var/keys and made by `manage.py ledger_init`.

`log` signs checkpoints, `exchange` signs certificates and manifests, `anchor` pays
for anchors. Parties' signing keys are theirs; the server never reads one.
"""

from __future__ import annotations

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from core.errors import Unavailable
from tallystick import keys


def key_path(name: str) -> Path:
    """Where the key called `name` stands."""
    return Path(settings.KEY_DIR) / f"{name}.key"


def existing_key(name: str) -> Path:
    """The path of a key that is there. Raises Unavailable naming the command that makes it."""
    path = key_path(name)
    if not path.exists():
        raise Unavailable(
            "key-missing",
            _("The exchange's %(name)s key is missing.") % {"name": name},
            remedy=_("Run manage.py ledger_init."),
            name=name,
        )
    return path


def load_key(name: str) -> Ed25519PrivateKey:
    """The Ed25519 key called `name`. Raises Unavailable when it is missing or cannot be used."""
    try:
        return keys.load(existing_key(name))
    except keys.KeyFileError as error:
        raise Unavailable(
            "key-unusable",
            _("The exchange's %(name)s key cannot be used.") % {"name": name},
            remedy=str(error),
            name=name,
        ) from error
