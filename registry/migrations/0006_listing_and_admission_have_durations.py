"""The exchange's own reviews have durations too: of a listing, and of an admission."""

from datetime import date

from django.db import migrations, models

SINCE = date(2020, 1, 1)
DURATIONS = (("L", "review", 10, "交易所挂牌规则"), ("M", "review", 5, "交易所会员规则"))


def forwards(apps, _editor):
    rules = apps.get_model("registry", "DurationRule").objects
    rules.bulk_create(
        rules.model(
            procedure=procedure, step=step, basis=basis, effective_from=SINCE, workdays=days
        )
        for procedure, step, days, basis in DURATIONS
    )


def backwards(apps, _editor):
    rules = apps.get_model("registry", "DurationRule").objects
    rules.filter(procedure__in=[row[0] for row in DURATIONS]).delete()


class Migration(migrations.Migration):

    dependencies = [
        ("registry", "0005_names_in_the_readers_language"),
    ]

    operations = [
        migrations.AlterField(
            model_name="durationrule",
            name="procedure",
            field=models.CharField(
                choices=[
                    ("C", "exchange registration"),
                    ("L", "listing of a product"),
                    ("M", "admission of a member"),
                ],
                max_length=1,
            ),
        ),
        migrations.RunPython(forwards, backwards),
    ]
