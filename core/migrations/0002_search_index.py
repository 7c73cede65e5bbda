"""The search index: entries, and the engine's own inverted file over their tokens.

SQLite: an FTS5 table whose content stands in core_search_entry, kept true by triggers.
PostgreSQL: a tsvector column with a GIN index.
"""

from django.db import migrations

SQLITE = (
    "CREATE TABLE core_search_kind (id INTEGER PRIMARY KEY, kind TEXT NOT NULL UNIQUE)",
    "CREATE TABLE core_search_entry (id INTEGER PRIMARY KEY, kind TEXT NOT NULL,"
    " ref TEXT NOT NULL, title TEXT NOT NULL, body TEXT NOT NULL, UNIQUE (kind, ref))",
    "CREATE VIRTUAL TABLE core_search_token USING fts5(title, body, tokenize = 'ascii',"
    " prefix = '1', content = 'core_search_entry', content_rowid = 'id')",
    "CREATE TRIGGER core_search_entry_indexed AFTER INSERT ON core_search_entry BEGIN"
    " INSERT INTO core_search_token (rowid, title, body) VALUES (new.id, new.title, new.body);"
    " END",
    "CREATE TRIGGER core_search_entry_forgotten AFTER DELETE ON core_search_entry BEGIN"
    " INSERT INTO core_search_token (core_search_token, rowid, title, body)"
    " VALUES ('delete', old.id, old.title, old.body); END",
)
POSTGRESQL = (
    "CREATE TABLE core_search_entry (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
    " kind varchar(20) NOT NULL, ref varchar(40) NOT NULL, tokens tsvector NOT NULL,"
    " UNIQUE (kind, ref))",
    "CREATE INDEX core_search_entry_tokens ON core_search_entry USING gin (tokens)",
)


def forwards(_apps, editor):
    for statement in SQLITE if editor.connection.vendor == "sqlite" else POSTGRESQL:
        editor.execute(statement, params=None)


def backwards(_apps, editor):
    if editor.connection.vendor == "sqlite":
        editor.execute("DROP TABLE core_search_token", params=None)
        editor.execute("DROP TABLE core_search_kind", params=None)
    editor.execute("DROP TABLE core_search_entry", params=None)


class Migration(migrations.Migration):
    dependencies = [("core", "0001_events_and_plumbing")]
    operations = [migrations.RunPython(forwards, backwards)]
