"""Search finds exactly what is there: substrings of CJK runs, prefixes of words."""

import re

import pytest
from django.db import connection
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from core import search

pytestmark = pytest.mark.django_db

FEW = "重庆渝中区数据"  # a small alphabet, so that bigrams repeat and overlap
CHARACTERS = st.sampled_from(FEW)
TEXTS = st.text(st.sampled_from(FEW + " ,。A9b"), max_size=30)


def found(query, kind="thing"):
    return set(search.search(kind, query, limit=1000).refs)


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("重庆市", ["重庆", "庆市", "市"]),
        ("区", ["区"]),
        ("Rows API", ["rows", "api"]),
        ("ＣＳＶ文件2023年", ["csv", "文件", "件", "2023", "年"]),
        ("豈,,。!", ["豈"]),
        ("snake_case", ["snake", "case"]),
        ("", []),
        ("—— “”", []),
        ("𠮷野家", ["𠮷野", "野家", "家"]),
    ],
)
def test_one_tokenizer_for_text_and_query(text, tokens):
    assert search.tokens(text) == tokens


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    texts=st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=8),
    query=st.text(CHARACTERS, min_size=1, max_size=10),
)
@example(texts=[("重庆庆", ""), ("重,庆庆重庆", "区")], query="重庆庆")
@example(texts=[("重庆,渝中", ""), ("重庆", "渝中")], query="庆渝")
def test_a_cjk_run_of_one_to_ten_characters_is_found_exactly_where_it_is_a_substring(texts, query):
    kind = "property"
    for number, (title, body) in enumerate(texts):
        search.index(kind, f"ref_{number}", title, body)

    hits = search.search(kind, query, limit=100)

    assert set(hits.refs) == {
        f"ref_{n}" for n, (title, body) in enumerate(texts) if query in title or query in body
    }
    assert hits.total == len(hits.refs)
    for number in range(len(texts)):
        search.forget(kind, f"ref_{number}")


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    texts=st.lists(st.text("ab1 -重", max_size=20), min_size=1, max_size=6),
    query=st.text("ab1", min_size=1, max_size=5),
)
def test_a_word_is_found_by_any_of_its_prefixes(texts, query):
    kind = "words"
    for number, text in enumerate(texts):
        search.index(kind, f"ref_{number}", "", text)

    refs = found(query, kind)

    assert refs == {
        f"ref_{n}"
        for n, text in enumerate(texts)
        if any(word.startswith(query) for word in re.findall("[ab1]+", text))
    }
    for number in range(len(texts)):
        search.forget(kind, f"ref_{number}")


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(text=st.text(max_size=40), query=st.text(max_size=20))
@example(text="'\"*:&|!()\\", query="'\"*:&|!()\\ NOT NEAR(")
@example(text="İstanbul ﬁle", query="İ")
def test_no_text_and_no_query_breaks_the_engine(text, query):
    search.index("any", "ref_1", text, text)

    assert search.search("any", query).total in {0, 1}
    if search.terms(text):
        assert found(text, "any") == {"ref_1"}


def test_every_term_must_match_and_kinds_do_not_mix():
    search.index("thing", "one", "重庆区划", "CSV file of divisions")
    search.index("thing", "two", "重庆气象", "JSON")
    search.index("other", "three", "重庆区划", "CSV")

    assert found("区划") == {"one"}
    assert found("重庆 csv") == {"one"}
    assert found("重庆") == {"one", "two"}
    assert found("成都") == set()
    assert search.search("thing", "，。 !").total == 0


def test_indexing_again_replaces_and_forgetting_removes():
    search.index("thing", "one", "重庆区划", "")
    search.index("thing", "one", "成都气象", "")

    assert found("区划") == set()
    assert found("气象") == {"one"}

    search.forget("thing", "one")
    search.forget("thing", "never-there")

    assert found("气象") == set()


def test_a_title_comes_before_a_body_and_pages_do_not_overlap():
    search.index("thing", "body", "气象", "各区县的区划代码表")
    for number in range(5):
        search.index("thing", f"title_{number}", "区划代码", "各区县的表")

    first = search.search("thing", "区划", limit=4)
    second = search.search("thing", "区划", limit=4, offset=4)

    assert first.total == second.total == 6
    assert first.refs == ["title_4", "title_3", "title_2", "title_1"]
    assert second.refs == ["title_0", "body"]


def test_of_very_many_matches_the_newest_are_counted_and_paged_to(monkeypatch):
    monkeypatch.setattr(search, "MAX_HITS", 3)
    for number in range(5):
        search.index("thing", f"ref_{number}", "区划", "")
        search.index("few", f"ref_{number}", "区划" if number < 3 else "气象", "")

    many, all_of_few = search.search("thing", "区划"), search.search("few", "区划")

    assert many == search.Hits(["ref_4", "ref_3", "ref_2"], 3, more=True)
    assert all_of_few == search.Hits(["ref_2", "ref_1", "ref_0"], 3, more=False)
    with connection.cursor() as cursor:
        cursor.execute(*search.matching_refs("thing", "区划"))
        assert [ref for (ref,) in cursor.fetchall()] == many.refs


def test_matches_are_narrowed_before_the_newest_are_taken(monkeypatch):
    monkeypatch.setattr(search, "MAX_HITS", 2)
    for number in range(5):
        search.index("thing", f"ref_{number}", "区划", "")
    within = ("SELECT %s UNION ALL SELECT %s", ["ref_0", "ref_9"])

    assert search.search("thing", "区划", within=within) == search.Hits(["ref_0"], 1, more=False)
    assert search.search("thing", "气象", within=within).refs == []


def test_matching_refs_is_the_same_set_as_a_subquery():
    search.index("thing", "one", "重庆区划", "")
    search.index("thing", "two", "重庆气象", "")

    with connection.cursor() as cursor:
        cursor.execute(*search.matching_refs("thing", "区划"))
        some = cursor.fetchall()
        cursor.execute(*search.matching_refs("thing", "!"))
        none = cursor.fetchall()

    assert some == [("one",)]
    assert none == []
