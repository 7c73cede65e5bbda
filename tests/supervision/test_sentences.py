"""Every fact has a line, and every line names fields that its fact has."""

import dataclasses
import re

from django.utils import translation

from core.documents import own_facts
from supervision.sentences import LINES, sentence

FIELD = re.compile(r"%\((\w+)\)s")


def test_every_fact_has_its_line_and_no_other():
    assert sorted(LINES) == sorted(own_facts())


def test_lines_name_fields_of_their_fact():
    wrong = []
    for name, fact in own_facts().items():
        fields = {field.name for field in dataclasses.fields(fact)}
        fields |= {field.removesuffix("_fen") for field in fields if field.endswith("_fen")}
        with translation.override("en"):
            wrong += [
                (name, field) for field in FIELD.findall(str(LINES[name])) if field not in fields
            ]

    assert wrong == []


def test_a_line_shows_values_lists_and_money():
    with translation.override("en"):
        assert sentence("registry.CaseSentBack", {"items": ["一", "二"]}).endswith(": 一; 二")
        assert (
            sentence("marketplace.OrderFunded", {"amount_fen": 120_000})
            == "¥1,200.00 were paid into escrow for the order"
        )


def test_a_percent_sign_in_a_value_is_shown_as_it_is():
    assert "100%(x)s" in sentence("registry.CaseRefused", {"reason": "100%(x)s"})


def test_what_is_missing_shows_as_a_dash_and_an_unknown_type_as_itself():
    assert sentence("registry.CertificateIssued", {}).count("—") == 1
    assert sentence("tests.Unheard", {"reason": "x"}) == "tests.Unheard"
