"""What `manage.py fsck` holds against what it must follow from: the log, then room by room."""

CHECKS = [
    "ledger.fsck.check",
    "accounts.fsck.check",
    "money.fsck.check",
    "registry.fsck.check",
    "contracts.fsck.check",
    "delivery.fsck.check",
    "marketplace.fsck.check",
]
