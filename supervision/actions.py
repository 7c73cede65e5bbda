"""Watching: every look and every export is recorded with who it was."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from accounts.queries import organisation
from accounts.rules import is_regulator
from core.actors import Actor
from core.events import Fact, record
from core.keys import load_key
from core.verdicts import require
from supervision import events, queries, rules
from supervision.queries.bundles import too_much
from tallystick.digests import sha256_hex
from tallystick.proof.bundle import BundleError, write_bundle

ID = re.compile(r"[a-z]{3}_[0-9a-z]{26}")
MAX_ADDRESS = 500


@dataclass(frozen=True)
class Bundle:
    """A proof bundle: the bytes of the ZIP and their SHA-256 (hex)."""

    content: bytes
    sha256: str


def read_trail(ref: str, *, by: Actor) -> queries.Trail:
    """The trail of `ref`, read by an auditor.

    Raises NotAllowed for anybody else, NotFound when nothing is known about `ref`.
    Records TrailRead.
    """
    require(rules.may_watch(by))
    with transaction.atomic():
        found = queries.trail(ref)
        fact = events.TrailRead(organisation=by.organisation_id, ref=ref, events=len(found.lines))
        say(fact, ref, by=by)
    return found


def export_bundle(ref: str, *, by: Actor) -> Bundle:
    """The evidence about `ref` as a bundle that the exchange signed.

    Raises NotAllowed for anybody but auditors, NotFound when nothing is known about `ref`,
    Conflict while an event of it is not anchored or when there is too much for one bundle,
    Unavailable without the exchange's key. Records EvidenceExported.
    """
    require(rules.may_watch(by))
    key = load_key("exchange")
    with transaction.atomic():
        evidence = queries.evidence(ref)
        try:
            content = write_bundle(evidence.files, name=evidence.signer, key=key)
        except BundleError as error:
            raise too_much() from error
        made = Bundle(content, sha256_hex(content))
        fact = events.EvidenceExported(
            organisation=by.organisation_id,
            ref=ref,
            bundle_sha256=made.sha256,
            events=evidence.events,
            size=evidence.size,
            anchored_size=evidence.anchored_size,
        )
        say(fact, ref, by=by)
    return made


def record_read(*, address: str, refs: Sequence[str], shown: Sequence[str], by: Actor) -> None:
    """Record that a regulator's member read what is not public; nobody else's reads.

    `refs` are the names in the address, of which ids are what the event is about, `shown`
    the ids that came back. Records RecordRead. Source: 数据安全法 第三十八条 (what an
    authority collects stays within its duty).
    """
    if not is_regulator(by):
        return
    named = [ref for ref in refs if ID.fullmatch(ref)]
    fact = events.RecordRead(
        organisation=by.organisation_id, address=address[:MAX_ADDRESS], shown=list(shown) or named
    )
    say(fact, *named, by=by)


def say(fact: Fact, *refs: str, by: Actor) -> None:
    """Record what a watcher did about `refs`; the subject is the watcher's organisation."""
    watcher = organisation(by.organisation_id)
    about = list(dict.fromkeys([watcher.pk, *refs]))
    record(fact, by=by, about=about, parties=[watcher])
