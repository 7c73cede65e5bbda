"""Members object to registrations in publicity; a decision has its duration."""

from datetime import date

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

import core.ids
from core.triggers import frozen

PROCEDURE, STEP, BASIS, SINCE = "C", "objection", "交易所登记规则", date(2020, 1, 1)
WORKDAYS = 10
STATES = ["open", "upheld", "rejected", "withdrawn", "lapsed"]
DECIDED = Q(state__in=["upheld", "rejected"])


def forwards(apps, _editor):
    rules = apps.get_model("registry", "DurationRule").objects
    rules.create(
        procedure=PROCEDURE, step=STEP, basis=BASIS, effective_from=SINCE, workdays=WORKDAYS
    )


def backwards(apps, _editor):
    apps.get_model("registry", "DurationRule").objects.filter(step=STEP).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_members_are_invited"),
        ("registry", "0006_listing_and_admission_have_durations"),
    ]

    operations = [
        migrations.AlterField(
            model_name="durationrule",
            name="step",
            field=models.CharField(
                choices=[
                    ("acceptance", "acceptance"),
                    ("review", "review"),
                    ("possession", "answer to the possession challenge"),
                    ("publicity", "publicity"),
                    ("objection", "decision on an objection"),
                ],
                max_length=10,
            ),
        ),
        migrations.CreateModel(
            name="Objection",
            fields=[
                ("id", core.ids.PrefixedIdField(prefix="opp", serialize=False)),
                ("user", models.CharField(max_length=40)),
                (
                    "ground",
                    models.CharField(
                        choices=[
                            ("harm", "harms the state, the public or others"),
                            ("illegal_source", "the source is unlawful"),
                            ("dispute", "an unresolved dispute about the rights"),
                            ("falsehood", "concealment or false proof"),
                            ("law", "another bar in law"),
                        ],
                        max_length=14,
                    ),
                ),
                ("text", models.CharField(max_length=1000)),
                ("evidence_sha256", models.CharField(max_length=64)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "awaiting its decision"),
                            ("upheld", "upheld"),
                            ("rejected", "rejected"),
                            ("withdrawn", "withdrawn"),
                            ("lapsed", "lapsed with the case"),
                        ],
                        default="open",
                        max_length=9,
                    ),
                ),
                ("filed_at", models.DateTimeField()),
                ("closed_at", models.DateTimeField(null=True)),
                ("reviewer", models.CharField(blank=True, default="", max_length=40)),
                ("reason", models.CharField(blank=True, default="", max_length=1000)),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="objections",
                        to="registry.registrationcase",
                    ),
                ),
                (
                    "objector",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organisation",
                    ),
                ),
            ],
            options={
                "verbose_name": "objection to a registration",
                "verbose_name_plural": "objections to registrations",
                "constraints": [
                    models.UniqueConstraint(
                        fields=["case", "objector"],
                        condition=Q(state="open"),
                        name="case_objection_one_open_each",
                    ),
                    models.CheckConstraint(
                        condition=Q(state__in=STATES), name="case_objection_state_known"
                    ),
                    models.CheckConstraint(
                        condition=Q(state="open", closed_at__isnull=True)
                        | ~Q(state="open") & Q(closed_at__isnull=False),
                        name="case_objection_closed",
                    ),
                    models.CheckConstraint(
                        condition=DECIDED & ~Q(reason="") & ~Q(reviewer="")
                        | ~DECIDED & Q(reason="", reviewer=""),
                        name="case_objection_reasoned",
                    ),
                ],
            },
        ),
        migrations.RunPython(forwards, backwards),
        frozen(
            "registry_objection",
            "case_id",
            "objector_id",
            "user",
            "ground",
            "text",
            "evidence_sha256",
            "filed_at",
        ),
    ]
