"""fsck: versions, reviews, orders and vouchers are as told."""

import pytest

from tests.factories.evidence import make_records, said_after

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("table", "statement", "said"),
    [
        ("marketplace_productversion", "UPDATE marketplace_productversion SET digest = 'x'",
         "its description has another digest"),
        ("marketplace_reviewcheck", "UPDATE marketplace_reviewcheck SET evidence = 'x'",
         "evidence is not what event"),
        ("marketplace_order", "UPDATE marketplace_order SET price_fen = price_fen + 1",
         "price_fen is not what event"),
        ("marketplace_order", "UPDATE marketplace_order SET returned_fen = 1", "fen paid"),
        ("marketplace_order", "UPDATE marketplace_order SET state = 'funded'",
         "it is funded, its events told of active"),
        ("marketplace_product", ("UPDATE marketplace_product SET state = 'suspended',"
         " suspended_at = listed_at, reason = 'x'"), "it is suspended, its events told of listed"),
        ("marketplace_settlement", "UPDATE marketplace_settlement SET amount_fen = 0",
         "amount_fen is not what event"),
        ("marketplace_settlement", "DELETE FROM marketplace_settlement", "tells of settlements"),
        ("marketplace_review", ("UPDATE marketplace_review SET approver_id = (SELECT max(id) FROM"
         " accounts_user WHERE id <> approver_id AND id <> reviewer_id)"),
         "approver_id is not what event"),
    ],
)  # fmt: skip
def test_a_tampering_is_named(table, statement, said):
    make_records()

    assert said in said_after("marketplace.fsck.check", table, statement)
