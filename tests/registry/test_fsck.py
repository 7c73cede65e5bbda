"""fsck: fingerprints and certificates are what was registered."""

import pytest

from tests.factories.evidence import make_records, said_after

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("table", "statement", "said"),
    [
        ("registry_assetversion", "UPDATE registry_assetversion SET row_digest = 'x'",
         "row_digest is not its manifest's"),
        ("registry_assetversion", "UPDATE registry_assetversion SET manifest_sha256 = 'x'",
         "its manifest has another digest"),
        ("registry_asset", "UPDATE registry_asset SET overview = 'x'",
         "its description is not what was stated"),
        ("registry_asset", "UPDATE registry_asset SET temporal_from = '2001-01-01'",
         "its description is not what was stated"),
        ("registry_registrationcase", ("UPDATE registry_registrationcase SET state = 'publicity',"
         " issued_at = NULL,"
         " closed_at = NULL"), "it is publicity, its events told of issued"),
        ("registry_certificate", "UPDATE registry_certificate SET vc_sha256 = 'x'",
         "its credential has another digest"),
        ("registry_certificate", ("UPDATE registry_certificate"
         " SET valid_until = '2199-01-01T00:00:00Z'"), "valid_until is not what event"),
        ("registry_rightgrant", "DELETE FROM registry_rightgrant",
         "its rights are not those of its credential"),
    ],
)  # fmt: skip
def test_a_tampering_is_named(table, statement, said):
    make_records()

    assert said in said_after("registry.fsck.check", table, statement)
