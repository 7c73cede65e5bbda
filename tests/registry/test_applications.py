"""Opening, amending, submitting, withdrawing: what applicants may state."""

import dataclasses
from datetime import date

import pytest
from django.db import transaction
from django.db.utils import IntegrityError

from core.errors import Conflict, Invalid, NotAllowed, NotFound
from core.models import Event
from registry import actions
from registry.application import application_of
from registry.models import Asset, AssetVersion, RegistrationCase
from tests.factories.accounts import (
    actor_of,
    make_administrator,
    make_applicant,
    make_buyer,
    make_exchange,
    make_member,
    make_regulator,
    make_seller,
)
from tests.factories.registry import (
    Story,
    make_application,
    make_certificate,
    make_file,
    make_table,
    manifest_of,
)

pytestmark = pytest.mark.django_db


def refused(error, call, **changes):
    """The refusal of a call that must write nothing."""
    before = Event.objects.count(), Asset.objects.count()
    with pytest.raises(error) as caught, transaction.atomic():
        call(**changes)
    assert (Event.objects.count(), Asset.objects.count()) == before
    return caught.value


def test_opening_makes_asset_version_and_case_of_the_holder():
    holder, path = make_seller(), make_table(rows=4)
    application = make_application(path)

    case = actions.open_case(holder, application=application, by=actor_of(holder))

    manifest = manifest_of(path)
    assert (case.state, case.procedure, case.kind, case.round) == ("draft", "C", "first", 0)
    assert case.asset.holder == holder
    assert (case.version.number, case.version.manifest) == (1, manifest.public())
    assert case.version.manifest_sha256 == manifest.digest()
    assert (case.version.row_count, case.version.row_digest) == (4, manifest.table.row_digest)
    event = Event.objects.latest("recorded_at")
    assert (event.type, event.subject, event.demo) == ("registry.CaseOpened", case.id, True)
    stored = application_of(RegistrationCase.objects.get(pk=case.pk))
    assert stored == dataclasses.replace(application, manifest=manifest.public())


def test_the_exchange_does_not_register_for_itself():
    exchange, by = make_exchange(), make_administrator()

    refusal = refused(
        NotAllowed, actions.open_case, holder=exchange, application=make_application(), by=by
    )

    assert refusal.code == "self-registration"
    assert "第十条" in refusal.basis


@pytest.mark.parametrize(
    ("make", "code"), [(make_regulator, "holder-kind"), (make_applicant, "not-qualified")]
)
def test_only_qualified_enterprises_and_institutions_apply(make, code):
    holder = make()

    refusal = refused(
        NotAllowed,
        actions.open_case,
        holder=holder,
        application=make_application(),
        by=actor_of(holder),
    )

    assert refusal.code == code


def test_nobody_applies_for_another_organisation_or_without_the_role():
    holder = make_seller()
    signer = make_member(holder, "signer")
    application = make_application()

    foreign = refused(
        NotFound,
        actions.open_case,
        holder=holder,
        application=application,
        by=actor_of(make_buyer()),
    )
    roleless = refused(
        NotAllowed, actions.open_case, holder=holder, application=application, by=signer
    )

    assert (foreign.code, roleless.code) == ("not-found", "role-needed")


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"name": "字" * 41}, "length", "name"),
        ({"overview": " "}, "length", "overview"),
        ({"industry": "Z99"}, "industry", "industry"),
        ({"source_kind": "found"}, "choice", "source_kind"),
        ({"temporal_to": date(2022, 1, 1)}, "time-span", "temporal_to"),
        ({"rights": ()}, "rights", "rights"),
        ({"rights": ("hold", "hold")}, "rights", "rights"),
        ({"evidence_sha256": "AB" * 32}, "evidence", "evidence_sha256"),
        ({"term_until": date(2020, 1, 1)}, "term", "term_until"),
        ({"term_until": date(9999, 12, 31)}, "term", "term_until"),
    ],
)
def test_each_wrong_field_is_named(changes, code, field):
    holder = make_seller()
    application = make_application(**changes)

    refusal = refused(
        Invalid, actions.open_case, holder=holder, application=application, by=actor_of(holder)
    )

    assert (refusal.code, refusal.field) == (code, field)


def test_crawled_data_do_not_carry_the_right_to_operate():
    holder = make_seller()
    application = make_application(source_kind="crawled", rights=("hold", "operate"))

    refusal = refused(
        Invalid, actions.open_case, holder=holder, application=application, by=actor_of(holder)
    )

    assert (refusal.code, refusal.data["rights"]) == ("rights-beyond-ground", ["hold", "use"])
    assert "第二十条" in refusal.basis


def broken(manifest, path, value):
    """The manifest with one value changed, at a dotted path."""
    node = manifest
    *above, last = path.split(".")
    for name in above:
        node = node[name]
    node[last] = value
    return manifest


@pytest.mark.parametrize(
    ("path", "value", "code", "field"),
    [
        ("chunks.count", 2, "manifest-mismatch", "manifest.chunks.count"),
        ("size", 2**53, "manifest-value", "manifest.size"),
        ("sha256", "xyz", "manifest-value", "manifest.sha256"),
        ("table.rows", 10**9, "manifest-mismatch", "manifest.table.row_digest"),
        ("table.rows", 10**6, "manifest-mismatch", "manifest.table.rows"),
        ("table.schema_sha256", "0" * 64, "manifest-mismatch", "manifest.table.schema_sha256"),
        ("v", 2, "manifest-value", "manifest.v"),
    ],
)
def test_a_manifest_whose_numbers_disagree_is_refused_with_its_field(path, value, code, field):
    holder = make_seller()
    manifest = broken(manifest_of(make_table()).public(), path, value)
    application = make_application(manifest=manifest)

    refusal = refused(
        Invalid, actions.open_case, holder=holder, application=application, by=actor_of(holder)
    )

    assert (refusal.code, refusal.field) == (code, field)


def test_empty_files_and_tables_are_no_assets(tmp_path):
    holder = make_seller()
    nothing, header = tmp_path / "a.bin", tmp_path / "b.csv"
    nothing.write_bytes(b"")
    header.write_text("编号,名称\n")

    fields = [
        refused(
            Invalid,
            actions.open_case,
            holder=holder,
            application=make_application(path),
            by=actor_of(holder),
        ).field
        for path in (nothing, header)
    ]

    assert fields == ["manifest.size", "manifest.table.rows"]


def test_amending_with_another_manifest_makes_another_version():
    story = Story()
    first = story.case.version

    same = make_application(story.path, name="更名后的数据集", rights=("hold",))
    actions.amend(story.case, application=same, by=story.applicant)
    kept = story.case.version
    other = make_application(make_file(), name="更名后的数据集")
    actions.amend(story.case, application=other, by=story.applicant)

    case = RegistrationCase.objects.get(pk=story.case.pk)
    assert (kept, case.asset.name) == (first, "更名后的数据集")
    assert (case.version.number, case.version.asset) == (2, first.asset)
    assert AssetVersion.objects.get(pk=first.pk).sha256 == first.sha256


def test_a_version_cannot_be_changed_in_the_database():
    version = Story().case.version

    with pytest.raises(IntegrityError), transaction.atomic():
        AssetVersion.objects.filter(pk=version.pk).update(sha256="0" * 64)


def test_equal_content_registered_for_another_holder_blocks_submission():
    path = make_file()
    certificate = make_certificate(path=path)
    story = Story(make_buyer(), path=path)

    refusal = refused(Conflict, actions.submit, case=story.case, by=story.applicant)

    assert (refusal.code, refusal.data["certificate"]) == ("duplicate-registered", certificate.code)
    assert refusal.basis
    assert certificate.code in str(refusal.message)


def test_equal_rows_in_another_order_block_submission(tmp_path):
    path = make_table(rows=3)
    header, *rows = path.read_text().splitlines(keepends=True)
    shuffled = tmp_path / "other.csv"
    shuffled.write_text(header + "".join(reversed(rows)))
    certificate = make_certificate(path=path)
    story = Story(make_buyer(), path=shuffled)

    refusal = refused(Conflict, actions.submit, case=story.case, by=story.applicant)

    assert story.case.version.sha256 != certificate.version.sha256
    assert refusal.data["certificate"] == certificate.code


def test_one_holder_may_register_the_same_content_again():
    path = make_file()
    certificate = make_certificate(path=path)
    story = Story(certificate.asset.holder, path=path)

    story.submit()

    assert story.case.state == "submitted"


def test_acts_cannot_be_dated_before_the_one_that_precedes_them():
    story = Story()
    story.submit()
    earlier = story.case.opened_at

    refusal = refused(Invalid, actions.accept, case=story.case, by=story.reviewer, now=earlier)

    assert refusal.code == "effective-at-order"


def test_a_real_holder_acts_at_server_time_only():
    story = Story(make_seller(demo=False))

    refusal = refused(Invalid, actions.submit, case=story.case, by=story.applicant, now=story.clock)

    assert refusal.code == "effective-at-past"
