"""What was signed and sent never changes; only where the attempt stands does."""

from django.db import migrations

from core.triggers import frozen


class Migration(migrations.Migration):

    dependencies = [
        ("ledger", "0002_evidence_is_append_only"),
    ]

    operations = [
        frozen(
            "ledger_anchorattempt", "account", "nonce", "size", "root", "previous_root", "raw",
            "transaction_hash", "saved_at",
        ),
    ]
