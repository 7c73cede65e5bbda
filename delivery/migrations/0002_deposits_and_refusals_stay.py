"""What was deposited stays, and what was refused stays refused."""

from django.db import migrations

from core.triggers import append_only


class Migration(migrations.Migration):

    dependencies = [
        ("delivery", "0001_deposits_and_refusals"),
    ]

    operations = [
        append_only("delivery_deposit", "delivery_accessdecision"),
    ]
