"""Full-text search that reads Chinese, on SQLite FTS5 or PostgreSQL tsvector.

One tokenizer for text and query: NFKC and lower case, then every CJK run becomes
its overlapping bigrams and its last character, every other run of letters and digits
one word. A CJK run in a query is a phrase of bigrams, so it matches exactly where it
is a substring (a single character matches by prefix); a word matches as a prefix.
Terms of a query are joined by AND. The engines see finished tokens and split nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

CJK = (
    "\u3005-\u3007\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff"
    "\U00020000-\U0003ffff"
)
RUN = re.compile(f"[{CJK}]+|[^\\W_{CJK}]+")
IS_CJK = re.compile(f"[{CJK}]")
MAX_TEXT = 8_000  # folded characters of one text; PostgreSQL keeps 16,383 positions of a document
MAX_WORD = 100  # characters of one word
MAX_TERMS = 20  # terms of one query
MAX_HITS = 10_000  # of more matches the newest so many are counted, ranked and paged to
Within = tuple[str, Sequence[Any]]
"""A SELECT of refs, and its parameters."""


@dataclass(frozen=True, slots=True)
class Hits:
    """Refs of one page, best first, and how many matches there are; `more` where there are
    older ones beyond the MAX_HITS that `total` counts."""

    refs: list[str]
    total: int
    more: bool


def runs(text: str) -> list[str]:
    """CJK runs and words of a text, folded; empty for punctuation alone."""
    folded = unicodedata.normalize("NFKC", text[:MAX_TEXT]).lower()
    return RUN.findall(unicodedata.normalize("NFKC", folded)[:MAX_TEXT])


def tokens(text: str) -> list[str]:
    """What is stored for a text, in order: 重庆市 -> 重庆 庆市 市; Rows API -> rows api."""
    found: list[str] = []
    for run in runs(text):
        if IS_CJK.match(run):
            found += [run[i : i + 2] for i in range(len(run))]
        else:
            found.append(run[:MAX_WORD])
    return found


@dataclass(frozen=True, slots=True)
class Term:
    """One run of a query: tokens that stand side by side; `prefix` opens the end of the last."""

    tokens: tuple[str, ...]
    prefix: bool


def terms(query: str) -> list[Term]:
    """The terms of a query, at most MAX_TERMS; empty when it holds no letter or digit."""
    found = []
    for run in runs(query)[:MAX_TERMS]:
        if IS_CJK.match(run) and len(run) > 1:
            found.append(Term(tuple(run[i : i + 2] for i in range(len(run) - 1)), prefix=False))
        else:
            found.append(Term((run[:MAX_WORD],), prefix=True))
    return found


# On SQLite the upper bits of an entry's id are the number of its kind, so that a kind is
# a range of FTS5's rowids and needs no look-up per match.
INSERT = {
    "sqlite": (
        "INSERT INTO core_search_entry (id, kind, ref, title, body)"
        " SELECT coalesce((SELECT max(e.id) FROM core_search_entry e"
        " WHERE e.id BETWEEN k.id << 40 AND (k.id + 1 << 40) - 1), k.id << 40) + 1,"
        " k.kind, %s, %s, %s FROM core_search_kind k WHERE k.kind = %s"
    ),
    "postgresql": (
        "INSERT INTO core_search_entry (ref, tokens, kind)"
        " VALUES (%s, %s::tsvector || %s::tsvector, %s)"
    ),
}
# "{within}" is replaced by nothing or by WITHIN, whose "{refs}" is a subquery of the caller.
MATCH = {
    "sqlite": (
        "SELECT e.ref FROM core_search_token t CROSS JOIN core_search_entry e ON e.id = t.rowid"
        " WHERE core_search_token MATCH %s"
        " AND t.rowid BETWEEN (SELECT id << 40 FROM core_search_kind WHERE kind = %s)"
        " AND (SELECT (id + 1 << 40) - 1 FROM core_search_kind WHERE kind = %s){within}"
        " ORDER BY t.rowid DESC LIMIT %s"
    ),
    "postgresql": (
        "SELECT ref FROM core_search_entry WHERE tokens @@ %s::tsquery AND kind = %s{within}"
        " ORDER BY id DESC LIMIT %s"
    ),
}
COUNTED = "SELECT count(*) FROM ({match}) AS found"
COUNT = {vendor: COUNTED.replace("{match}", match) for vendor, match in MATCH.items()}
RANK = {
    "sqlite": (
        "SELECT e.ref FROM (SELECT t.rowid AS id, bm25(core_search_token, 10.0, 1.0) AS score"
        " FROM core_search_token t WHERE core_search_token MATCH %s"
        " AND t.rowid BETWEEN (SELECT id << 40 FROM core_search_kind WHERE kind = %s)"
        " AND (SELECT (id + 1 << 40) - 1 FROM core_search_kind WHERE kind = %s){within}"
        " ORDER BY t.rowid DESC LIMIT %s) AS newest"
        " CROSS JOIN core_search_entry e ON e.id = newest.id"
        " ORDER BY newest.score, newest.id DESC LIMIT %s OFFSET %s"
    ),
    "postgresql": (
        "SELECT newest.ref FROM (SELECT %s::tsquery AS query) AS asked CROSS JOIN LATERAL"
        " (SELECT id, ref, tokens FROM core_search_entry WHERE tokens @@ asked.query"
        " AND kind = %s{within} ORDER BY id DESC LIMIT %s) AS newest"
        " ORDER BY ts_rank('{0.1, 0.1, 0.1, 1.0}', newest.tokens, asked.query) DESC,"
        " newest.id DESC LIMIT %s OFFSET %s"
    ),
}
WITHIN = {
    "sqlite": " AND t.rowid IN (SELECT id FROM core_search_entry WHERE ref IN ({refs}))",
    "postgresql": " AND ref IN ({refs})",
}
NOTHING = "SELECT ref FROM core_search_entry WHERE kind = %s AND 1 = 0"


def index(kind: str, ref: str, title: str, body: str) -> None:
    """Make `ref` findable among things of `kind`; what was stored for it before is replaced.

    A title counts ten times a body. Texts are cut at MAX_TEXT characters.
    """
    forget(kind, ref)
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("INSERT OR IGNORE INTO core_search_kind (kind) VALUES (%s)", [kind])
            texts = [" ".join(tokens(title)), " ".join(tokens(body))]
        else:
            texts = [vector(title, "A"), vector(body, "D")]
        cursor.execute(INSERT[connection.vendor], [ref, *texts, kind])


def vector(text: str, weight: str) -> str:
    """A tsvector literal: '重庆':1A '庆市':2A. Tokens hold no quotes, so none are escaped."""
    return " ".join(f"'{token}':{at}{weight}" for at, token in enumerate(tokens(text), 1))


def forget(kind: str, ref: str) -> None:
    """Take `ref` out of the index; nothing when it is not there."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM core_search_entry WHERE kind = %s AND ref = %s", [kind, ref])


def search(
    kind: str, query: str, *, limit: int = 20, offset: int = 0, within: Within | None = None
) -> Hits:
    """One page of the refs of `kind` that match every term of `query`.

    No term, no hits. Order: best first (title before body), newest first among equals. Of more
    than MAX_HITS matches the newest so many are counted, ranked and can be paged to: a word
    that stands everywhere costs no more than a rare one. `within` narrows the matches before.
    """
    wanted = terms(query)
    if not wanted:
        return Hits([], 0, more=False)
    count, asked = narrowed(COUNT, kind, wanted, within)
    rank, _asked = narrowed(RANK, kind, wanted, within)
    with connection.cursor() as cursor:
        cursor.execute(count, [*asked, MAX_HITS + 1])
        found = int(cursor.fetchone()[0])
        cursor.execute(rank, [*asked, MAX_HITS, limit, offset])
        refs = [ref for (ref,) in cursor.fetchall()]
    return Hits(refs, min(found, MAX_HITS), more=found > MAX_HITS)


def matching_refs(
    kind: str, query: str, *, within: Within | None = None
) -> tuple[str, Sequence[Any]]:
    """SQL and parameters that select every ref that `search` counts, for `pk__in=RawSQL(...)`."""
    wanted = terms(query)
    if not wanted:
        return NOTHING, [kind]
    statement, asked = narrowed(MATCH, kind, wanted, within)
    return statement, [*asked, MAX_HITS]


def narrowed(
    statements: dict[str, str], kind: str, wanted: list[Term], within: Within | None
) -> tuple[str, list[Any]]:
    """The engine's statement and its parameters up to the first limit."""
    vendor = connection.vendor
    refs, parameters = within or ("", ())
    clause = WITHIN[vendor].replace("{refs}", refs) if refs else ""
    return statements[vendor].replace("{within}", clause), [*matching(kind, wanted), *parameters]


def matching(kind: str, wanted: list[Term]) -> list[Any]:
    """The parameters of the engine's condition for a match."""
    if connection.vendor == "sqlite":
        return [fts5_query(wanted), kind, kind]
    return [tsquery(wanted), kind]


def fts5_query(wanted: list[Term]) -> str:
    """FTS5's words for the terms: "重庆 庆市" AND "row"*."""
    return " AND ".join(
        '"' + " ".join(term.tokens) + '"' + ("*" if term.prefix else "") for term in wanted
    )


def tsquery(wanted: list[Term]) -> str:
    """PostgreSQL's words for the terms: ('重庆' <-> '庆市') & 'row':*."""
    return " & ".join(
        "(" + " <-> ".join(f"'{token}'" for token in term.tokens) + ")"
        if not term.prefix
        else f"'{term.tokens[0]}':*"
        for term in wanted
    )
