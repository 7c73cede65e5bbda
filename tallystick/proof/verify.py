"""Verify a proof bundle link by link, without network and without the exchange's software.

report = verify_bundle("bundle.zip", trust)        # trust: the JSON value of trust.json
report.ok, [(link.name, link.status, link.detail) for link in report.links]
"""

import os
from collections.abc import Callable
from typing import Any

from tallystick.proof import note
from tallystick.proof.anchor import (
    check_chain,
    check_consistency,
    check_header,
    check_receipt,
    check_transaction,
)
from tallystick.proof.bundle import MANIFEST, BundleError, check_manifest, load_bundle
from tallystick.proof.evidence import Absent, Broken, Evidence, Unchecked, shaped, unhexed
from tallystick.proof.papers import check_certificates, check_contracts, check_statements
from tallystick.proof.report import ABSENT, FAILED, NOT_CHECKED, OK, Link, Report
from tallystick.proof.tree import hash_leaf, verify_inclusion
from tallystick.proof.trust import Trust, parse_trust


def verify_bundle(path: str | os.PathLike[str], trust: Trust | dict[str, Any]) -> Report:
    """Every link of the bundle at `path`. A later link is evaluated when an earlier fails.

    Raises TrustError when `trust` does not have its form; a bad bundle is never an exception.
    """
    trusted = trust if isinstance(trust, Trust) else parse_trust(trust)
    try:
        files = load_bundle(path)
    except BundleError as error:
        first, *rest = CHECKS
        unread = [Link(name, NOT_CHECKED, "the bundle cannot be read") for name, _ in rest]
        return Report((Link(first[0], FAILED, str(error)), *unread))
    evidence = Evidence(files, trusted)
    return Report(tuple(_link(name, check, evidence) for name, check in CHECKS))


def _link(name: str, check: Callable[[Evidence], str], evidence: Evidence) -> Link:
    try:
        return Link(name, OK, check(evidence))
    except Absent as reason:
        return Link(name, ABSENT, str(reason))
    except Unchecked as reason:
        return Link(name, NOT_CHECKED, str(reason))
    except ValueError as error:  # Broken, and the errors of the layers that read the evidence
        return Link(name, FAILED, str(error))


def _check_manifest(evidence: Evidence) -> str:
    """The exchange signed the list of files, and the files are that list and no more."""
    signer = check_manifest(evidence.files, [evidence.trust.exchange_vkey])
    index = evidence.index
    if index.origin != evidence.trust.origin:
        raise Broken(f"the bundle is of {index.origin}, not of {evidence.trust.origin}")
    for path in sorted(index.paths() ^ (evidence.files.keys() - {MANIFEST})):
        there = path in evidence.files
        raise Broken(f"{path} is {'not accounted for in' if there else 'missing for'} bundle.json")
    return f"{len(evidence.files) - 1} files about {index.subject}, signed by {signer}"


def _check_disclosures(evidence: Evidence) -> str:
    """Every disclosed field opens its commitment, and the commitments make the leaf."""
    fields = 0
    for index in evidence.index.events:
        event = evidence.event(index)
        if event.leaf != evidence.file(f"leaves/{index}.json"):
            raise Broken(f"the fields of event {index} do not make its leaf")
        fields += len(event.values)
    return f"{fields} fields of {len(evidence.index.events)} events"


def _check_inclusion(evidence: Evidence) -> str:
    """Every leaf stands in the tree of the checkpoint, at the index of its event."""
    checkpoint = evidence.checkpoint
    for index in evidence.index.events:
        path = f"proofs/{index}.json"
        value = shaped(evidence.json(path), path, index=int, size=int, path=list)
        if (value["index"], value["size"]) != (index, checkpoint.size):
            raise Broken(f"{path} is of another index or tree size")
        leaf = hash_leaf(evidence.file(f"leaves/{index}.json"))
        hashes = unhexed(value["path"], path)
        if not verify_inclusion(index, checkpoint.size, leaf, hashes, checkpoint.root):
            raise Broken(f"leaf {index} is not in the tree of {checkpoint.size} leaves")
    return f"{len(evidence.index.events)} leaves in the tree of {checkpoint.size}"


def _check_checkpoint(evidence: Evidence) -> str:
    """The trusted log key signed the checkpoint."""
    trust, content = evidence.trust, evidence.file("checkpoint")
    checkpoint = note.verify_checkpoint(content, trust.origin, [trust.log_vkey])
    return f"{checkpoint.size} leaves under {checkpoint.root.hex()}, signed by {trust.log_vkey}"


CHECKS: tuple[tuple[str, Callable[[Evidence], str]], ...] = (
    ("manifest", _check_manifest),
    ("disclosures", _check_disclosures),
    ("inclusion", _check_inclusion),
    ("checkpoint", _check_checkpoint),
    ("consistency", check_consistency),
    ("anchor transaction", check_transaction),
    ("receipt in header", check_receipt),
    ("block header", check_header),
    ("chain identity", check_chain),
    ("certificate", check_certificates),
    ("contract signatures", check_contracts),
    ("usage statement", check_statements),
)
