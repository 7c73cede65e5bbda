"""fsck: the books balance and are as told."""

import pytest

from tests.factories.evidence import make_records, said_after

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("table", "statement", "said"),
    [
        ("money_transfer", "UPDATE money_transfer SET amount_fen = amount_fen + 1",
         "are not those that it told of"),
        ("money_account", ("UPDATE money_account SET credits_posted = credits_posted + 1"
         " WHERE key LIKE 'wallet:%%'"), "is not the fold of its transfers"),
        ("money_account", "UPDATE money_account SET owner = 'org_x'", "owner is not what event"),
    ],
)  # fmt: skip
def test_a_tampering_is_named(table, statement, said):
    make_records()

    assert said in said_after("money.fsck.check", table, statement)
