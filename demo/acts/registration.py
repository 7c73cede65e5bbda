"""Act 2: a real file is registered by its fingerprint, without leaving its place."""

from __future__ import annotations

from datetime import date
from typing import Any

from core.keys import existing_key
from core.workdays import add_workdays
from demo.machine import until
from demo.teller import tallystick
from demo.world import DATA, World
from ledger.queries import seal_status
from registry import actions, queries
from registry.application import Application
from registry.models import RegistrationCase
from registry.queries.certificates import issuing_event
from tallystick import canonical, credential, keys
from tallystick.digests import sha256_hex
from tallystick.fingerprint.possession import ChunkAnswer

NAME = "2023年重庆市村级行政区划代码数据集"


def play(world: World) -> None:
    """Fingerprint, apply, review with a possession challenge, publicity, certificate."""
    world.tell.act(2, "Registration: one chain, one code, one fingerprint 一链一码一指纹")
    manifest = fingerprint(world)
    case = apply(world, manifest)
    prove(world, case)
    certificate = publish(world, case)
    sealed(world, certificate)


def fingerprint(world: World) -> dict[str, Any]:
    """Compute the manifest where the file lies; only the manifest goes on."""
    path = world.folder("seller") / "manifest.json"
    tallystick("fingerprint", DATA, "--out", path)
    manifest: dict[str, Any] = canonical.loads_strict(path.read_bytes())
    table = manifest["table"]
    world.tell.say(
        "fingerprint computed where the file lies",
        rows=table["rows"], columns=len(table["columns"]), sha256=manifest["sha256"][:16] + "…",
    )  # fmt: skip
    return manifest


def apply(world: World, manifest: dict[str, Any]) -> RegistrationCase:
    """Application by procedure C, submitted with its possession proof to come, and accepted."""
    application = Application(
        name=NAME,
        overview="全市村（居）委会及其所属镇街、区县的统计用区划代码，截至2023年6月30日，共11,270行。",
        industry="I65",
        source_kind="derived",
        spatial="重庆市",
        temporal_from=date(2023, 1, 1),
        temporal_to=date(2023, 6, 30),
        update_frequency="yearly",
        form="table",
        restrictions="无",
        rights=("hold", "use", "operate"),
        evidence_sha256=sha256_hex("国家统计局统计用区划代码2023，衍生创造说明".encode()),
        term_until=None,
        manifest=manifest,
    )
    seller = world.organisation("seller")
    case = actions.open_case(
        seller, application=application, by=world.actor("seller"), now=world.later(hours=1)
    )
    actions.submit(case, by=world.actor("seller"), now=world.later(minutes=5))
    actions.accept(case, by=world.actor("he"), now=world.later(hours=2))
    world.tell.say("application accepted for review", case=case.pk, asset=case.asset_id)
    return case


def prove(world: World, case: RegistrationCase) -> None:
    """The reviewer draws chunks; the seller answers from the file with the command line."""
    challenge = actions.draw_challenge(case, by=world.actor("he"), now=world.later(minutes=10))
    indexes = [part for index in challenge.indexes for part in ("--index", index)]
    answer = tallystick("chunk", DATA, *indexes)
    answers = [ChunkAnswer.from_public(one) for one in answer["answers"]]
    actions.answer_challenge(
        case, answers=answers, by=world.actor("seller"), now=world.later(minutes=30)
    )
    drawn = f"chunks {list(challenge.indexes)} of {case.version.chunk_count}"
    world.tell.check("the seller possesses the file", queries.open_challenge(case) is None, drawn)


def publish(world: World, case: RegistrationCase) -> Any:
    """Review passed, five working days of public notice, then code and certificate."""
    actions.pass_review(case, by=world.actor("he"), now=world.later(hours=1))
    end = add_workdays(world.clock, 5).at
    actions.run_clock(now=end)
    world.clock = end
    certificate = queries.valid_certificate(case.asset, end)
    world.tell.check("issued when public notice ended", certificate is not None, f"{end:%Y-%m-%d}")
    world.thing |= {"asset": case.asset, "certificate": certificate, "version": case.version}
    world.tell.say("code assigned", code=certificate.code, certificate=certificate.pk)
    public = keys.public_of(keys.load(existing_key("exchange")))
    credential.verify(certificate.vc, public)
    digest = credential.digest_of(certificate.vc)
    world.tell.check(
        "the certificate's signature verifies", digest == certificate.vc_sha256, digest
    )
    return certificate


def sealed(world: World, certificate: Any) -> None:
    """Its event has a leaf, the checkpoint is signed, the head stands on the chain."""
    event = issuing_event(certificate)
    until(
        lambda: seal_status(event.id).stage == "anchored", 60, "the certificate's leaf is anchored"
    )
    status = seal_status(event.id)
    note = "local chain, adds no independent trust" if status.local else ""
    world.tell.say(f"sealed as entry {status.index}, anchored at size {status.size} {note}".strip())
