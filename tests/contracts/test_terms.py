"""Terms: one value, one digest, one reading."""

import copy
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import translation

from contracts import terms as values
from contracts.policy import Constraint, Policy, Rule
from contracts.terms import MeterTerms, Terms, parse, validated
from core.errors import Invalid
from tallystick import canonical
from tallystick.digests import sha256_hex

ID = "0123456789abcdefghjkmnpqrs"
TERMS = Terms(
    origin="exchange.example/log",
    reference="ord-1",
    product=values.Product(id=f"prd_{ID}", version=2, digest="a" * 64, name="行政区划 接口"),
    asset=values.Asset(id=f"ast_{ID}", code="TS50000020261100000175", manifest_sha256="b" * 64),
    seller=values.PartyTerms(id=f"org_{ID}", name="示例供方", uscc="91500000000000001A"),
    buyer=values.PartyTerms(id=f"org_{ID[::-1]}", name="示例需方", uscc="91500000000000002B"),
    plan=values.Plan(id=f"pln_{ID}", name="按次"),
    meters=(
        MeterTerms(name="rows.call", unit="call", quota=1000, unit_price_fen=5),
        MeterTerms(name="file.bytes", unit="byte", quota=10**9, unit_price_fen=0),
    ),
    policy=Policy((Rule("use", (Constraint("count", "lteq", ("1000",)),)),)),
    starts_at=datetime(2026, 12, 1, tzinfo=UTC),
    ends_at=datetime(2027, 1, 1, 0, 0, 0, 5, tzinfo=UTC),
    split=(values.Share(party="tax:payable", role="tax", bps=600),),
    scenario="按区县统计社区数量",
)


def changed(path, value):
    """The canonical value with one member set, or taken away by `...`."""
    found = copy.deepcopy(TERMS.canonical())
    target = found
    for key in path[:-1]:
        target = target[key]
    if value is ...:
        del target[path[-1]]
    else:
        target[path[-1]] = value
    return found


def test_the_canonical_value_gives_the_equal_terms_back():
    assert parse(TERMS.canonical()) == TERMS
    assert parse(canonical.loads_strict(canonical.dumps(TERMS.canonical()))) == TERMS


def test_the_digest_is_over_the_canonical_json():
    assert TERMS.digest == sha256_hex(canonical.dumps(TERMS.canonical()))
    assert TERMS.digest == "83a983f7c13f652daaf66757a0a8035ace96be9da98b2af10ffbee4a08a2123e"


def test_moments_are_written_to_the_second_or_to_the_microsecond():
    assert TERMS.canonical()["term"] == {
        "starts_at": "2026-12-01T00:00:00Z",
        "ends_at": "2027-01-01T00:00:00.000005Z",
    }


def test_any_member_moves_the_digest():
    others = [
        replace(TERMS, reference="ord-2"),
        replace(TERMS, scenario="别的场景"),
        replace(TERMS, ends_at=TERMS.ends_at + timedelta(seconds=1)),
        replace(TERMS, meters=TERMS.meters[:1]),
        replace(TERMS, split=()),
    ]

    assert len({TERMS.digest, *(other.digest for other in others)}) == 6


def test_the_price_is_that_of_the_whole_quota():
    assert TERMS.price_fen == 5000


@pytest.mark.parametrize(
    ("path", "value", "field", "code"),
    [
        (("v",), 2, "v", "out-of-range"),
        (("v",), True, "v", "not-an-integer"),
        (("extra",), 1, "extra", "unknown"),
        (("origin",), "with space", "origin", "bad-form"),
        (("template",), "GF-2025-2616", "template", "not-one-of"),
        (("product", "version"), 0, "product.version", "out-of-range"),
        (("product", "version"), 1.0, "product.version", "not-an-integer"),
        (("product", "digest"), "A" * 64, "product.digest", "bad-form"),
        (("product", "note"), "", "product.note", "unknown"),
        (("asset", "id"), "ast_1", "asset.id", "bad-form"),
        (("asset", "code"), ..., "asset.code", "missing"),
        (("seller", "name"), "名\x00", "seller.name", "bad-text"),
        (("seller", "uscc"), "9150", "seller.uscc", "bad-form"),
        (("buyer", "id"), f"org_{ID}", "buyer.id", "same-party"),
        (("plan", "kind"), "free", "plan.kind", "not-one-of"),
        (("meters",), [], "meters", "bad-length"),
        (("meters", 0, "name"), "Rows", "meters[0].name", "bad-form"),
        (("meters", 1, "name"), "rows.call", "meters[1]", "doubled"),
        (("meters", 0, "unit"), "hour", "meters[0].unit", "not-one-of"),
        (("meters", 0, "quota"), 0, "meters[0].quota", "out-of-range"),
        (("meters", 0, "quota"), 2**53, "meters[0].quota", "out-of-range"),
        (("meters", 0, "quota"), 1001, "meters[0].quota", "exceeds"),
        (("meters", 0, "unit_price_fen"), -1, "meters[0].unit_price_fen", "out-of-range"),
        (("meters", 1, "unit_price_fen"), 10**7, "meters", "exceeds"),
        (("policy", "permission"), [], "policy.permission", "bad-length"),
        (("term", "ends_at"), "2026-12-01T00:00:00Z", "term.ends_at", "out-of-order"),
        (("term", "starts_at"), 5, "term.starts_at", "bad-moment"),
        (("split", 0, "bps"), 10001, "split[0].bps", "out-of-range"),
        (("split", 0, "party"), f"org_{ID}", "split[0].party", "seller-in-split"),
        (("split", 0, "role"), "seller", "split[0].role", "not-one-of"),
        (("split",), [{"party": "a", "role": "tax", "bps": 1}] * 2, "split[1]", "doubled"),
        (
            ("split",),
            [
                {"party": "a", "role": "tax", "bps": 6000},
                {"party": "b", "role": "service", "bps": 4001},
            ],
            "split",
            "exceeds",
        ),
        (("scenario",), "", "scenario", "bad-length"),
    ],
)
def test_a_fault_is_named_by_its_place_and_code(path, value, field, code):
    with pytest.raises(Invalid) as refusal:
        parse(changed(path, value))

    assert (refusal.value.field, refusal.value.code) == (field, f"terms-{code}")


@pytest.mark.parametrize("value", [None, [], "terms", 7])
def test_what_is_no_object_is_refused(value):
    with pytest.raises(Invalid) as refusal:
        parse(value)

    assert refusal.value.code == "terms-not-an-object"


def test_the_reason_is_given_in_the_reader_s_language():
    for language, words in (("zh-hans", "scenario：缺少该项"), ("en", "scenario is missing")):
        with translation.override(language), pytest.raises(Invalid) as refusal:
            parse(changed(("scenario",), ...))
        assert words in str(refusal.value.message)


def test_values_made_in_code_pass_the_same_gate():
    with pytest.raises(Invalid) as refusal:
        validated(replace(TERMS, seller=TERMS.buyer))

    assert refusal.value.code == "terms-same-party"


def test_a_proposal_may_change_quotas_prices_policy_and_term_only():
    cheaper = (replace(TERMS.meters[0], unit_price_fen=4), TERMS.meters[1])

    assert replace(TERMS, meters=cheaper).revises(TERMS)
    assert replace(TERMS, policy=Policy((Rule("use"),))).revises(TERMS)
    assert replace(TERMS, ends_at=TERMS.ends_at + timedelta(1)).revises(TERMS)
    assert not replace(TERMS, split=()).revises(TERMS)
    assert not replace(TERMS, meters=cheaper, split=()).revises(TERMS)
    assert not replace(TERMS, meters=TERMS.meters[1:]).revises(TERMS)
    assert not replace(TERMS, meters=TERMS.meters[::-1]).revises(TERMS)
    assert not TERMS.revises(TERMS)
