"""Issuing: codes, credentials, rights, and the clock that may come late."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from core.actors import CLOCK
from core.errors import Conflict, NotFound, Unavailable
from core.keys import existing_key, key_path
from core.models import CalendarDay, Event
from registry import actions, queries
from registry.models import Certificate, RegistrationCase, RightGrant, SerialCounter
from tallystick import codes, credential, keys
from tallystick.cli import main
from tests.factories.accounts import make_seller
from tests.factories.registry import Story, make_certificate, make_exchange_key, make_file
from tests.ledger.test_sequencer import tamper

pytestmark = pytest.mark.django_db


def in_publicity(**changes):
    """A story whose case is in publicity, which has ended unless `start` says otherwise."""
    make_exchange_key()
    story = Story(**changes)
    story.to("publicity")
    return story


def at(text):
    return datetime.fromisoformat(text).astimezone(UTC)


def test_a_certificate_takes_effect_when_its_publicity_ends():
    story = in_publicity()
    ends = queries.publicity_end(story.case).at

    certificate = actions.issue(story.case, by=story.reviewer)

    parts = codes.parse(certificate.code)
    local = ends.astimezone(timezone.get_default_timezone())
    assert (parts.region, parts.serial) == (story.holder.region, 1)
    assert parts.yyyymm == local.strftime("%Y%m")
    assert certificate.valid_from == story.case.issued_at == ends
    assert story.case.state == "issued"
    event = Event.objects.get(type="registry.CertificateIssued")
    fields = {name: field["value"] for name, field in event.body.fields.items()}
    assert (event.effective_at, event.actor, event.demo) == (ends, "clock", True)
    assert event.recorded_at > ends
    assert fields["requested_by"] == story.reviewer.label
    assert fields["code"] == certificate.code
    assert fields["vc_sha256"] == certificate.vc_sha256 == credential.digest_of(certificate.vc)
    assert fields["manifest_sha256"] == story.case.version.manifest_sha256
    assert fields["sha256"] == story.case.version.sha256


def test_the_credential_is_signed_by_the_exchange_and_says_what_is_registered():
    certificate = make_certificate(rights=("hold", "operate"))

    public = keys.public_of(keys.load(existing_key("exchange")))
    method = f"{keys.did_of(public)}#{keys.did_of(public).removeprefix('did:key:')}"
    credential.verify(certificate.vc, public, verification_method=method)
    subject = certificate.vc["credentialSubject"]
    assert certificate.vc["issuer"]["id"] == keys.did_of(public)
    assert certificate.vc["id"] == f"{settings.SITE_URL}/r/{certificate.code}"
    assert subject["manifest"] == certificate.version.manifest
    assert [r["term"] for r in subject["rights"]] == ["数据持有权", "数据经营权"]
    assert subject["source"] == {"kind": "derived", "term": "衍生创造"}
    assert subject["holder"]["uscc"] == certificate.asset.holder.uscc
    forged = certificate.vc | {"validUntil": "2099-01-01T00:00:00Z"}
    with pytest.raises(credential.CredentialError):
        credential.verify(forged, public)


def test_the_holder_of_a_file_checks_it_against_the_credential_alone(tmp_path, capsys):
    path, other = make_file(), make_file()
    certificate = make_certificate(path=path)
    saved = tmp_path / "certificate.json"
    saved.write_text(json.dumps(certificate.vc))

    codes_of_exit = [main(["verify", str(f), "--certificate", str(saved)]) for f in (path, other)]

    assert codes_of_exit == [0, 1]
    assert f"is the registered file: {certificate.code}" in capsys.readouterr().out


def test_rights_are_granted_for_the_term_of_the_certificate():
    certificate = make_certificate(rights=("hold", "use"))
    asset, start, end = certificate.asset, certificate.valid_from, certificate.valid_until
    holder = asset.holder_id

    assert queries.holds(holder, asset, "use", start)
    assert not queries.holds(holder, asset, "operate", start)
    assert not queries.holds(holder, asset, "use", start - timedelta(microseconds=1))
    assert not queries.holds(holder, asset, "use", end)
    with pytest.raises(IntegrityError), transaction.atomic():
        RightGrant.objects.filter(asset=asset).update(right="operate")


def test_rights_limited_by_an_agreement_limit_the_certificate():
    until = (timezone.now() + timedelta(days=400)).date()

    certificate = make_certificate(source_kind="agreement", term_until=until)

    local = certificate.valid_until.astimezone(timezone.get_default_timezone())
    assert (local.date(), local.hour) == (until + timedelta(days=1), 0)
    assert queries.standing(certificate, certificate.valid_until) == "expired"


def test_validity_is_five_years_and_ends_where_it_began():
    certificate = make_certificate()

    begins, ends = certificate.valid_from, certificate.valid_until
    zone = timezone.get_default_timezone()
    assert ends.astimezone(zone) == begins.astimezone(zone).replace(
        year=begins.astimezone(zone).year + 5
    )
    last = ends - timedelta(microseconds=1)
    assert queries.valid_certificate(certificate.asset, last) == certificate
    assert queries.valid_certificate(certificate.asset, ends) is None
    assert queries.standing(certificate, begins - timedelta(seconds=1)) == "not_yet"


def test_nothing_is_issued_while_publicity_runs():
    make_exchange_key()
    story = Story(workdays=4)
    story.to("publicity")
    before = Event.objects.count()

    with pytest.raises(Conflict) as refusal, transaction.atomic():
        actions.issue(story.case, by=story.reviewer)

    assert refusal.value.code == "publicity-running"
    assert actions.run_clock() == 0
    assert Event.objects.count() == before


def test_the_clock_issues_once_and_is_idempotent():
    stories = [in_publicity(), in_publicity()]

    assert actions.run_clock() == 2
    assert actions.run_clock() == 0

    assert Certificate.objects.count() == 2
    assert Event.objects.filter(type="registry.CertificateIssued").count() == 2
    assert [s.holder.id for s in stories] == [
        row.asset.holder_id for row in Certificate.objects.order_by("code")
    ]


def outcome():
    """What a late or timely clock must agree on, proof and recording time aside."""
    facts = Event.objects.filter(type="registry.CertificateIssued").select_related("body")
    return [
        (
            row.code,
            {name: value for name, value in row.vc.items() if name != "proof"},
            row.valid_from,
            row.valid_until,
            row.case.state,
            row.case.issued_at,
            facts.get(subject=row.id).effective_at,
        )
        for row in Certificate.objects.select_related("case").order_by("code")
    ]


def test_three_days_without_a_worker_give_the_identical_result():
    stories = [in_publicity(), in_publicity(workdays=9)]
    ends = max(queries.publicity_end(s.case).at for s in stories)
    results = []

    for late in (timedelta(0), timedelta(days=3)):
        point = transaction.savepoint()
        with time_machine.travel(ends + late, tick=False):
            assert actions.run_clock() == 2
        results.append(outcome())
        transaction.savepoint_rollback(point)

    assert len(results[0]) == 2
    assert results[0] == results[1]


def test_a_publicity_across_the_new_year_is_provisional_then_issues_in_january():
    """The holidays of 2027 are not published: Friday 1 January is assumed to be a working day."""
    make_exchange_key()
    with time_machine.travel(at("2026-12-25T10:00:00+08:00"), tick=True):
        story = Story(make_seller(demo=False))
        story.to("publicity")
        deadline = queries.deadline_of(story.case, timezone.now())
        assert (deadline.step, deadline.workdays, deadline.workdays_left) == ("publicity", 5, 5)
        assert deadline.provisional
        assert deadline.at == at("2027-01-02T00:00:00+08:00")

    with time_machine.travel(at("2027-01-04T09:00:00+08:00"), tick=True):
        assert queries.deadline_of(story.case, timezone.now()).overdue
        assert actions.run_clock() == 1

    certificate = Certificate.objects.get()
    assert certificate.valid_from == at("2027-01-02T00:00:00+08:00")
    assert codes.parse(certificate.code).yyyymm == "202701"


def test_the_operators_calendar_moves_a_deadline_that_was_provisional():
    CalendarDay.objects.create(day=date(2027, 1, 1), is_workday=False, note="元旦")
    with time_machine.travel(at("2026-12-25T10:00:00+08:00"), tick=True):
        story = Story(make_seller(demo=False))
        story.to("publicity")

        deadline = queries.deadline_of(story.case, timezone.now())

    assert deadline.at == at("2027-01-05T00:00:00+08:00")


def test_one_case_that_cannot_be_issued_holds_up_no_other(caplog):
    first, second = in_publicity(), in_publicity()
    yyyymm = queries.publicity_end(first.case).at + timedelta(hours=8)
    SerialCounter.objects.create(
        region=first.holder.region, yyyymm=yyyymm.strftime("%Y%m"), last=999_998
    )

    issued = actions.run_clock()

    assert issued == 1
    assert "serials-exhausted" in caplog.text
    states = RegistrationCase.objects.values_list("state", flat=True).order_by("id")
    assert list(states) == ["issued", "publicity"]
    assert Certificate.objects.get().code[14:20] == "999999"
    with pytest.raises(Conflict) as refusal, transaction.atomic():
        actions.issue(second.case, by=CLOCK)
    assert refusal.value.code == "serials-exhausted"


def test_without_the_exchange_key_nothing_is_written():
    story = in_publicity()
    path = key_path("exchange")
    kept = path.rename(path.with_suffix(".away"))
    before = Event.objects.count()

    try:
        with pytest.raises(Unavailable) as refusal, transaction.atomic():
            actions.issue(story.case, by=CLOCK)
    finally:
        kept.rename(path)

    assert refusal.value.code == "key-missing"
    assert (Event.objects.count(), Certificate.objects.count()) == (before, 0)
    assert SerialCounter.objects.count() == 0


def test_a_page_shows_everything_and_agrees_with_the_log():
    certificate = make_certificate()

    page = queries.certificate_page(certificate.code)

    version = certificate.version
    assert page.parts[:3] == (certificate.code[2:8], certificate.code[8:14], "000001")
    assert (page.standing, page.agrees, page.demo) == ("valid", True, True)
    assert dict(page.digests)["SHA-256"] == version.sha256
    assert dict(page.digests)["SM3"] == version.sm3
    assert (page.size_bytes, page.chunk_count, page.row_count) == (version.size_bytes, 13, None)
    assert [(r.hold, r.use, r.operate) for r in page.rights] == [(True, True, True)]
    assert (page.source_term, page.remarks) == ("衍生创造", ())
    assert queries.seal_of(certificate.pk).stage == "unsealed"
    assert page.address == f"{settings.SITE_URL}/r/{certificate.code}"
    forged = json.dumps(certificate.vc | {"id": "forged"})
    tamper("registry_certificate", "UPDATE registry_certificate SET vc = %s", [forged])
    assert not queries.certificate_page(certificate.code).agrees


def test_an_unknown_code_and_a_mistyped_one_are_told_apart():
    certificate = make_certificate()
    typo = certificate.code[:-1] + str((int(certificate.code[-1]) + 1) % 10)
    unknown = codes.compose("500000", "202611", 77)

    for code, reason in ((typo, "code-mistyped"), (unknown, "not-found")):
        with pytest.raises(NotFound) as refusal:
            queries.certificate_page(code)
        assert refusal.value.code == reason


def test_the_newest_certificates_and_how_many_there_are():
    first, second = make_certificate(), make_certificate()
    Story().to("publicity")

    latest = queries.latest_certificates(1)

    newest = max((first, second), key=lambda c: (c.valid_from, c.id))
    assert [line.code for line in latest] == [newest.code]
    assert latest[0].spelt.replace(" ", "") == newest.code
    assert latest[0].sha256 == newest.version.sha256
    assert queries.certificates_in_force(timezone.now()) == 2
