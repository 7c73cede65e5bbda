"""fsck: terms, statements, signatures and usage are what was signed and counted."""

import pytest

from tests.factories.evidence import make_records, said_after

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("table", "statement", "said"),
    [
        ("contracts_contract", "UPDATE contracts_contract SET digest = 'x'",
         "its terms have another digest"),
        ("contracts_offer", "UPDATE contracts_offer SET digest = 'x'",
         "its terms have another digest"),
        ("contracts_signature", "UPDATE contracts_signature SET signature = '00'",
         "is not over the contract's digest"),
        ("contracts_signature", "DELETE FROM contracts_signature WHERE role = 'buyer'",
         "tells of signatures"),
        ("contracts_statementsignature", ("UPDATE contracts_statementsignature"
         " SET public_key = '00'"), "is not over the statement's digest"),
        ("contracts_statement", "UPDATE contracts_statement SET amount_fen = amount_fen + 1",
         "its lines have another sum"),
        ("contracts_statement", "UPDATE contracts_statement SET root = 'x'",
         "its lines have another root"),
        ("contracts_grant", "UPDATE contracts_grant SET ends_at = activated_at",
         "ends_at is not what event"),
        ("contracts_signature", ("UPDATE contracts_signature"
         " SET signed_at = '2026-01-01 00:00:00+00:00'"), "signed_at is not what event"),
        ("contracts_statementsignature", ("UPDATE contracts_statementsignature"
         " SET signed_at = '2026-01-01 00:00:00+00:00'"), "signed_at is not what event"),
        ("contracts_statement", ("UPDATE contracts_statement"
         " SET drawn_at = '2026-01-01 00:00:00+00:00'"), "drawn_at is not what event"),
        ("contracts_contract", ("UPDATE contracts_contract"
         " SET state = 'verified', finalized_at = NULL"), "tells of contracts"),
        ("contracts_grant", "UPDATE contracts_grant SET state = 'pending'",
         "it is pending, its events told of active"),
        ("contracts_statement", ("UPDATE contracts_statement SET state = 'drawn',"
         " countersigned_at = NULL"), "it is drawn, its events told of countersigned"),
        ("contracts_usageevent", "UPDATE contracts_usageevent SET units = 2", "does not add up"),
        ("contracts_usageevent", "DELETE FROM contracts_usageevent", "does not add up"),
        ("contracts_usagerollup", "UPDATE contracts_usagerollup SET calls = calls + 1",
         "does not add up"),
        ("contracts_quotaaccount", "UPDATE contracts_quotaaccount SET used = used + 1",
         "are not those of its leases"),
    ],
)  # fmt: skip
def test_a_tampering_is_named(table, statement, said):
    make_records()

    assert said in said_after("contracts.fsck.check", table, statement)
