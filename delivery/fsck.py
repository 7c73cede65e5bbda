"""What was deposited is the registered file, and stands in the object store."""

from __future__ import annotations

from core.fsck import Difference, Witness, each, require_told
from core.objects import object_path
from delivery.events import FileDeposited
from delivery.models import Deposit


def check() -> str:
    """Raises Difference. The bytes themselves are authenticated whenever they are read."""
    for deposit in each(Deposit.objects.select_related("version")):
        registered = (deposit.version.sha256, deposit.version.size_bytes)
        if (deposit.sha256, deposit.size_bytes) != registered:
            raise Difference(f"deposit {deposit.pk} is not the registered file")
        if not object_path(deposit.object).exists():
            raise Difference(f"deposit {deposit.pk}: its object is missing")
    require_told(
        Witness(
            fact=FileDeposited,
            rows=Deposit.objects.all(),
            key={"deposit": "id"},
            same={"version": "version_id", "sha256": "sha256", "size_bytes": "size_bytes"},
        )
    )
    return f"{Deposit.objects.count()} deposits are the registered files"
