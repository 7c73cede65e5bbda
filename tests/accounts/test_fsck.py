"""fsck: members and signing keys are what was told."""

import pytest

from tests.factories.evidence import make_records, said_after

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("table", "statement", "said"),
    [
        ("accounts_organisation", "UPDATE accounts_organisation SET name = 'x'",
         "name is not what event"),
        ("accounts_organisation", "UPDATE accounts_organisation SET is_demo = NOT is_demo",
         "is_demo is not what event"),
        ("accounts_organisation", ("UPDATE accounts_organisation SET state = 'suspended',"
         " suspended_at = qualified_at"
         " WHERE kind = 'enterprise'"), "it is suspended, its events told of qualified"),
        ("accounts_signingkey", "UPDATE accounts_signingkey SET signature = '00'",
         "signature is not what event"),
        ("accounts_signingkey", ("UPDATE accounts_signingkey SET state = 'revoked',"
         " revoked_at = enrolled_at"), "2 signing keys are stored, 0 were told of"),
    ],
)  # fmt: skip
def test_a_tampering_is_named(table, statement, said):
    make_records()

    assert said in said_after("accounts.fsck.check", table, statement)
