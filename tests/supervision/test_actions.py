"""Reading and exporting: allowed to auditors alone, recorded always, verifiable without us."""

import json
from dataclasses import replace

import pytest

from core.actors import ANYBODY, COMMAND
from core.errors import Conflict, NotAllowed, NotFound, Unavailable
from core.keys import key_path
from core.models import Event
from supervision import actions, queries
from tallystick.digests import sha256_hex
from tallystick.proof import bundle
from tallystick.proof.verify import verify_bundle
from tests.contracts.usage import counted
from tests.factories import accounts
from tests.factories.ledger import note_events
from tests.factories.supervision import files_in, make_world, open_log

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(monkeypatch):
    counted(monkeypatch, calls=12, indeterminate=2)
    return make_world()


@pytest.fixture
def seals(tmp_path):
    return open_log(tmp_path)


@pytest.fixture
def verified(tmp_path):
    """Verify bytes as a stranger does; the report."""

    def verify(content, **changes):
        path = tmp_path / "bundle.zip"
        path.write_bytes(content)
        trust = json.loads(json.dumps(queries.trust_file() | changes))
        return verify_bundle(path, trust)

    return verify


def test_a_bundle_of_the_asset_holds_every_link(world, seals, verified):
    seals.anchor()

    made = actions.export_bundle(world.asset, by=world.auditor)

    report = verified(made.content)
    assert [(link.name, link.detail) for link in report.links if link.status != "ok"] == []
    assert len(report.links) == 12
    assert made.sha256 == sha256_hex(made.content)
    details = {link.name: link.detail for link in report.links}
    code = world.trade.stall.certificate.code
    assert details["certificate"].startswith(f"certificates/{code}.json issued by event ")
    parties = f"seller {world.trade.stall.seller.id} and buyer {world.trade.buyer.id}"
    assert details["contract signatures"] == f"contracts/{world.contract}.json signed by {parties}"
    assert details["usage statement"] == (
        f"statements/{world.statement.id}.json with 2 lines countersigned by {parties}"
    )
    assert details["block header"].endswith("local, adds no independent trust")


def test_the_log_may_have_grown_since_the_anchor(world, seals, verified):
    seals.anchor()
    note_events(300)
    seals.sign()

    made = actions.export_bundle(world.asset, by=world.auditor)

    report = verified(made.content)
    assert report.ok
    consistency = json.loads(files_in(made.content)["consistency.json"])
    assert consistency["to"] - consistency["from"] == 300


def test_one_changed_byte_in_any_file_is_refused(world, seals, verified):
    seals.anchor()
    files = files_in(actions.export_bundle(world.asset, by=world.auditor).content)

    assert len(files) > 100
    kinds = {path.partition("/")[0] for path in files}
    assert kinds == {
        "MANIFEST", "anchor", "bundle.json", "certificates", "checkpoint", "consistency.json",
        "contracts", "events", "leaves", "proofs", "signatures", "statements",
    }  # fmt: skip
    vkey = queries.trust_file()["exchange_vkey"]
    tried = set()
    for path, content in files.items():
        changed = {**files, path: flipped(content)}
        with pytest.raises(ValueError, match=r".+"):
            bundle.check_manifest(changed, [vkey])
        if (kind := path.partition("/")[0]) not in tried:
            assert not verified(bundle._zip(changed)).ok, path
        tried.add(kind)


def flipped(content):
    """The content with one bit of its middle byte changed."""
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


def test_a_bundle_signed_by_somebody_else_is_refused(world, seals, verified):
    seals.anchor()
    files = files_in(actions.export_bundle(world.asset, by=world.auditor).content)
    del files["MANIFEST"]
    stranger, _public = accounts.make_private_key()

    forged = bundle.write_bundle(files, name="tallystick.local", key=stranger)

    statuses = {link.name: link.status for link in verified(forged).links}
    assert statuses.pop("manifest") == "failed"
    assert set(statuses.values()) == {"ok"}


def test_an_event_that_is_not_anchored_holds_the_export_back(world, seals):
    for stage in (seals.sequence, seals.sign):
        stage()
        before = Event.objects.count()
        with pytest.raises(Conflict) as refusal:
            actions.export_bundle(world.asset, by=world.auditor)
        assert (refusal.value.code, refusal.value.data["unsealed"]) == ("not-anchored", 0)
        assert refusal.value.data["retry_after"] == 5
        assert Event.objects.count() == before


def test_an_export_waits_for_events_that_have_no_leaf(world, seals):
    with pytest.raises(Conflict) as refusal:
        actions.export_bundle(world.contract, by=world.auditor)

    assert refusal.value.data["unsealed"] > 20


def test_without_a_chain_a_signed_head_is_what_there_is(world, tmp_path, monkeypatch, verified):
    seals = open_log(tmp_path)
    monkeypatch.setattr("ledger.queries.chain_identity", lambda: None)
    seals.sign()

    made = actions.export_bundle(world.asset, by=world.auditor)

    report = verified(made.content)
    absent = [link.name for link in report.links if link.status == "absent"]
    assert report.ok
    assert absent == [
        "consistency",
        "anchor transaction",
        "receipt in header",
        "block header",
        "chain identity",
    ]
    assert "anchor/tx.bin" not in files_in(made.content)
    assert exported().body.fields["anchored_size"]["value"] == 0


@pytest.mark.parametrize("thing", ["contract", "statement", "order", "certificate", "product"])
def test_a_part_of_the_story_can_be_exported_alone(world, seals, verified, thing):
    seals.anchor()
    trade = world.trade
    ref = {
        "contract": world.contract,
        "statement": world.statement.id,
        "order": trade.order.id,
        "certificate": trade.stall.certificate.id,
        "product": trade.stall.product.id,
    }[thing]

    report = verified(actions.export_bundle(ref, by=world.auditor).content)

    papers = {link.name: link.status for link in report.links[-3:]}
    traded = "absent" if thing == "certificate" else "ok"
    assert report.ok
    assert papers == {
        "certificate": "ok" if thing == "certificate" else "absent",
        "contract signatures": traded,
        "usage statement": traded,
    }


def exported():
    return Event.objects.get(type="supervision.EvidenceExported")


def test_an_export_is_recorded_with_its_digest(world, seals):
    seals.anchor()
    size = Event.objects.count()

    made = actions.export_bundle(world.asset, by=world.auditor)

    event = exported()
    fields = {name: opening["value"] for name, opening in event.body.fields.items()}
    events = json.loads(files_in(made.content)["bundle.json"])["events"]
    assert (event.subject, event.actor) == (world.regulator.id, world.auditor.label)
    assert event.demo is True
    assert fields["ref"] == world.asset
    assert fields["bundle_sha256"] == made.sha256
    assert fields["events"] == len(events)
    assert (fields["size"], fields["anchored_size"]) == (size, size)
    refs = set(event.subjects.values_list("ref", flat=True))
    assert refs == {world.regulator.id, world.asset}


def test_a_read_is_recorded_and_does_not_lengthen_the_trail(world):
    first = actions.read_trail(world.asset, by=world.auditor)
    second = actions.read_trail(world.asset, by=world.auditor)

    reads = Event.objects.filter(type="supervision.TrailRead")
    assert [line.event for line in first.lines] == [line.event for line in second.lines]
    assert [event.subject for event in reads] == [world.regulator.id] * 2
    assert reads[0].body.fields["events"]["value"] == len(first.lines)
    own = queries.trail(world.regulator.id)
    assert [line.type for line in own.lines].count("supervision.TrailRead") == 2


@pytest.mark.parametrize("verb", [actions.read_trail, actions.export_bundle])
def test_nobody_else_may_watch_and_nothing_is_recorded(world, seals, verb):
    seals.anchor()
    regulator = replace(world.auditor, roles=frozenset({"administrator"}))
    suspended = replace(world.auditor, roles=frozenset())
    seller, buyer = world.trade.stall.trader, world.trade.trader
    reviewer = accounts.make_reviewer()
    before = Event.objects.count()

    for actor in (ANYBODY, COMMAND, seller, buyer, reviewer, regulator, suspended):
        with pytest.raises(NotAllowed) as refusal:
            verb(world.asset, by=actor)
        assert refusal.value.code == "watching-refused"

    assert Event.objects.count() == before


@pytest.mark.parametrize("role", ["auditor", "administrator"])
def test_the_exchange_watches_too(world, role):
    actor = accounts.make_member(accounts.make_exchange(), role)

    assert actions.read_trail(world.asset, by=actor).complete


@pytest.mark.parametrize("verb", [actions.read_trail, actions.export_bundle])
def test_an_unknown_ref_is_not_found_and_not_recorded(world, seals, verb):
    auditor, before = world.auditor, Event.objects.count()

    with pytest.raises(NotFound):
        verb("ast_01jd4q00000000000000000000", by=auditor)

    assert Event.objects.count() == before


def test_too_many_events_are_not_exported(world, seals, monkeypatch):
    seals.anchor()
    monkeypatch.setattr("supervision.queries.trails.MAX_EVENTS", 20)
    auditor, before = world.auditor, Event.objects.count()

    with pytest.raises(Conflict) as refusal:
        actions.export_bundle(world.asset, by=auditor)

    assert refusal.value.code == "bundle-too-large"
    assert Event.objects.count() == before


def test_a_bundle_past_its_bytes_is_refused(world, seals, monkeypatch):
    seals.anchor()
    monkeypatch.setattr("tallystick.proof.bundle.MAX_BYTES", 1000)

    with pytest.raises(Conflict) as refusal:
        actions.export_bundle(world.asset, by=world.auditor)

    assert refusal.value.code == "bundle-too-large"


def test_without_the_exchanges_key_nothing_is_exported(world, seals, tmp_path, settings):
    seals.anchor()
    assert key_path("exchange").exists()
    auditor, before = world.auditor, Event.objects.count()
    settings.KEY_DIR = tmp_path

    with pytest.raises(Unavailable) as refusal:
        actions.export_bundle(world.asset, by=auditor)

    assert refusal.value.code == "key-missing"
    assert Event.objects.count() == before
