"""What was certified never changes; only the certificate's state may."""

from django.db import migrations

from core.triggers import frozen


class Migration(migrations.Migration):

    dependencies = [
        ("registry", "0002_durations_and_append_only_evidence"),
    ]

    operations = [
        frozen(
            "registry_certificate", "code", "case_id", "asset_id", "version_id", "vc", "vc_sha256",
            "valid_from", "valid_until",
        ),
    ]
