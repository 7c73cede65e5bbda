"""Each refusal that a contract can meet has its words on a page."""

from contracts.policy.words import DECISIONS
from delivery.gateway.refusals import TEXTS
from delivery.words import OTHER, REFUSALS, words_of

# These come before a contract is known, or are no code of their own.
NOT_OF_A_CONTRACT = {
    "key-missing",
    "key-unknown",
    "no-such-address",
    "method-not-allowed",
    "not-fresh",
    "policy",
    "permitted",
}


def test_every_refusal_of_a_contract_has_its_words():
    assert set(REFUSALS) == (set(TEXTS) | set(DECISIONS)) - NOT_OF_A_CONTRACT


def test_an_unknown_code_gets_general_words():
    assert words_of("of-tomorrow") is OTHER
