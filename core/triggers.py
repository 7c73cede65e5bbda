"""Evidence that the database itself protects: append-only tables and frozen columns.

Used in migrations: `operations = [..., append_only("ledger_leaf", "ledger_checkpoint"),
frozen("contracts_statement", "body", "digest")]`. PostgreSQL refuses TRUNCATE as well;
SQLite has none.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import migrations

REFUSAL = "evidence is append-only"
REFUSING_FUNCTION = (
    "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
    f"$$ BEGIN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'integrity_constraint_violation';"
    " END $$"
)
REFUSE = "EXECUTE FUNCTION refuse_change()"
EACH_ROW, ONCE = f"FOR EACH ROW {REFUSE}", f"FOR EACH STATEMENT {REFUSE}"


def append_only(*tables: str) -> migrations.RunPython:
    """A reversible migration operation that puts the triggers on `tables`."""

    def forwards(_apps: Any, editor: Any) -> None:
        for table in tables:
            for statement in creating(editor.connection.vendor, table):
                editor.execute(statement, params=None)

    def backwards(_apps: Any, editor: Any) -> None:
        for table in tables:
            for statement in dropping(editor.connection.vendor, table):
                editor.execute(statement, params=None)

    return migrations.RunPython(forwards, backwards)


def frozen(table: str, *columns: str, when: str = "") -> migrations.RunPython:
    """A reversible operation: these columns never change, and rows are never deleted.

    For a noun that moves through states while its content stays. `when` is an SQL
    condition over OLD that narrows the refusal of changes, such as "OLD.state = 'agreed'".
    """

    def forwards(_apps: Any, editor: Any) -> None:
        for statement in freezing(editor.connection.vendor, table, columns, when):
            editor.execute(statement, params=None)

    def backwards(_apps: Any, editor: Any) -> None:
        for statement in thawing(editor.connection.vendor, table):
            editor.execute(statement, params=None)

    return migrations.RunPython(forwards, backwards)


def creating(vendor: str, table: str) -> list[str]:
    """The statements that make `table` append-only."""
    if vendor == "sqlite":
        return [
            f"CREATE TRIGGER {table}_no_{verb} BEFORE {verb.upper()} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
            for verb in ("update", "delete")
        ]
    return [
        REFUSING_FUNCTION,
        f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} {EACH_ROW}",
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} {ONCE}",
    ]


def dropping(vendor: str, table: str) -> list[str]:
    """The statements that undo `creating`."""
    names = ("no_update", "no_delete") if vendor == "sqlite" else ("no_change", "no_truncate")
    suffix = "" if vendor == "sqlite" else f" ON {table}"
    return [f"DROP TRIGGER {table}_{name}{suffix}" for name in names]


def freezing(vendor: str, table: str, columns: Sequence[str], when: str) -> list[str]:
    """The statements that freeze `columns` of `table` and forbid deleting its rows."""
    # Quoted: a column may be called as a word of SQL is, such as "user".
    quoted = ", ".join(f'"{column}"' for column in columns)
    changed, condition = f"BEFORE UPDATE OF {quoted} ON {table}", when or "1 = 1"
    if vendor == "sqlite":
        body = f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
        return [
            f"CREATE TRIGGER {table}_frozen {changed} WHEN {condition} {body}",
            f"CREATE TRIGGER {table}_kept BEFORE DELETE ON {table} {body}",
        ]
    return [
        REFUSING_FUNCTION,
        f"CREATE TRIGGER {table}_frozen {changed} FOR EACH ROW WHEN ({condition}) {REFUSE}",
        f"CREATE TRIGGER {table}_kept BEFORE DELETE ON {table} {EACH_ROW}",
        f"CREATE TRIGGER {table}_kept_whole BEFORE TRUNCATE ON {table} {ONCE}",
    ]


def thawing(vendor: str, table: str) -> list[str]:
    """The statements that undo `freezing`."""
    names = ("frozen", "kept") if vendor == "sqlite" else ("frozen", "kept", "kept_whole")
    suffix = "" if vendor == "sqlite" else f" ON {table}"
    return [f"DROP TRIGGER {table}_{name}{suffix}" for name in names]
