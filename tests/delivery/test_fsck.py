"""fsck: what was deposited is the registered file."""

import pytest

from tests.factories.evidence import make_records, said_after

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("table", "statement", "said"),
    [
        ("delivery_deposit", "UPDATE delivery_deposit SET sha256 = 'x'",
         "is not the registered file"),
        ("delivery_deposit", "UPDATE delivery_deposit SET object = '" + "0" * 32 + "'",
         "its object is missing"),
        ("delivery_deposit", "UPDATE delivery_deposit SET object = 'x'", "cannot be read"),
        ("delivery_deposit", "DELETE FROM delivery_deposit", "tells of deposits"),
    ],
)  # fmt: skip
def test_a_tampering_is_named(table, statement, said):
    make_records()

    assert said in said_after("delivery.fsck.check", table, statement)
