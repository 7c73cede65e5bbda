"""The durations of procedure C, and triggers on what must stay as it was written."""

from datetime import date

from django.db import migrations

from core.triggers import append_only

EVIDENCE = (
    "registry_assetversion",
    "registry_correctionnotice",
    "registry_attestation",
    "registry_rightgrant",
)
PROCEDURE, BASIS, SINCE = "C", "交易所登记规则", date(2020, 1, 1)
WORKDAYS = {"acceptance": 3, "review": 10, "possession": 2, "publicity": 5}


def forwards(apps, _editor):
    rules = apps.get_model("registry", "DurationRule").objects
    rules.bulk_create(
        rules.model(
            procedure=PROCEDURE, step=step, basis=BASIS, effective_from=SINCE, workdays=days
        )
        for step, days in WORKDAYS.items()
    )


def backwards(apps, _editor):
    rules = apps.get_model("registry", "DurationRule").objects
    rules.filter(procedure=PROCEDURE, basis=BASIS, effective_from=SINCE).delete()


class Migration(migrations.Migration):

    dependencies = [
        ("registry", "0001_assets_cases_and_certificates"),
    ]

    operations = [
        migrations.RunPython(forwards, backwards),
        append_only(*EVIDENCE),
    ]
