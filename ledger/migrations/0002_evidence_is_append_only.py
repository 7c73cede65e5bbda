"""The empty log's head, and triggers: evidence stays, tiles and head may only grow."""

import hashlib

from django.db import migrations

from core.triggers import REFUSAL, append_only

EVIDENCE = (
    "ledger_logidentity",
    "ledger_leaf",
    "ledger_checkpoint",
    "ledger_boot",
    "ledger_seenhead",
    "ledger_chainidentity",
    "ledger_anchorproof",
)
TILE_BYTES = 256 * 32

# A partial tile becomes a longer one that begins with it; a full one stays.
SHRINKING = {
    "ledger_tile": (
        "NEW.level <> OLD.level OR NEW.n <> OLD.n OR length(NEW.hashes) <= length(OLD.hashes) "
        f"OR length(NEW.hashes) > {TILE_BYTES} "
        "OR substr(NEW.hashes, 1, length(OLD.hashes)) <> OLD.hashes"
    ),
    "ledger_head": "NEW.id <> OLD.id OR NEW.size <= OLD.size",
}


def creating(vendor, table, shrinks):
    if vendor == "sqlite":
        refuse = f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
        return [
            f"CREATE TRIGGER {table}_grows BEFORE UPDATE ON {table} WHEN {shrinks} {refuse}",
            f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {refuse}",
        ]
    return [
        f"CREATE TRIGGER {table}_grows BEFORE UPDATE ON {table} FOR EACH ROW WHEN ({shrinks}) "
        "EXECUTE FUNCTION refuse_change()",
        f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} FOR EACH ROW "
        "EXECUTE FUNCTION refuse_change()",
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT "
        "EXECUTE FUNCTION refuse_change()",
    ]


def forwards(_apps, editor):
    for table, shrinks in SHRINKING.items():
        for statement in creating(editor.connection.vendor, table, shrinks):
            editor.execute(statement, params=None)


def backwards(_apps, editor):
    sqlite = editor.connection.vendor == "sqlite"
    for table in SHRINKING:
        for name in ("grows", "no_delete") if sqlite else ("grows", "no_delete", "no_truncate"):
            editor.execute(f"DROP TRIGGER {table}_{name}" + ("" if sqlite else f" ON {table}"))


def begin(apps, _editor):
    empty = hashlib.sha256(b"").digest()
    apps.get_model("ledger", "Head").objects.create(id=1, size=0, root=empty)


def unbegin(apps, _editor):
    apps.get_model("ledger", "Head").objects.filter(id=1).delete()


class Migration(migrations.Migration):

    dependencies = [
        ("ledger", "0001_log_and_anchors"),
    ]

    operations = [
        migrations.RunPython(begin, unbegin),
        append_only(*EVIDENCE),
        migrations.RunPython(forwards, backwards),
    ]
