"""The head names the newest checkpoint, so that its removal shows. Neither size ever shrinks."""

from django.db import migrations, models

from core.triggers import REFUSAL

BEFORE = "NEW.id <> OLD.id OR NEW.size <= OLD.size"
NEW, OLD = "COALESCE(NEW.signed_size, 0)", "COALESCE(OLD.signed_size, 0)"
AFTER = (
    f"NEW.id <> OLD.id OR NEW.size < OLD.size OR {NEW} < {OLD} "
    f"OR (NEW.size = OLD.size AND {NEW} = {OLD})"
)


def replace(editor, shrinks):
    """Put another condition on the head's trigger; "" takes it off."""
    table = " ON ledger_head" if editor.connection.vendor == "postgresql" else ""
    editor.execute(f"DROP TRIGGER IF EXISTS ledger_head_grows{table}")
    if not shrinks:
        return
    refuse = f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
    made = f"WHEN {shrinks} {refuse}"
    if editor.connection.vendor == "postgresql":
        made = f"FOR EACH ROW WHEN ({shrinks}) EXECUTE FUNCTION refuse_change()"
    editor.execute(
        f"CREATE TRIGGER ledger_head_grows BEFORE UPDATE ON ledger_head {made}", params=None
    )


def off(_apps, editor):
    replace(editor, "")


def before(_apps, editor):
    replace(editor, BEFORE)


def after(apps, editor):
    newest = apps.get_model("ledger", "Checkpoint").objects.order_by("-size").first()
    if newest:
        apps.get_model("ledger", "Head").objects.update(signed_size=newest.size)
    replace(editor, AFTER)


class Migration(migrations.Migration):

    dependencies = [
        ('ledger', '0004_names_in_the_readers_language'),
    ]

    operations = [
        migrations.RunPython(off, before),
        migrations.AddField(
            model_name='head',
            name='signed_size',
            field=models.BigIntegerField(null=True),
        ),
        migrations.RunPython(after, off),
    ]
