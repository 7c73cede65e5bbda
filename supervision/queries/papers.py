"""The papers of a bundle: certificates, contracts and statements that its events commit to.

A paper goes in when the event that committed to its digest is among the bundle's events; where a
file stands and what follows from it is the entry in `contents` (docs/reference/bundle.md).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from accounts.events import KeyEnrolled
from contracts.events import ContractFinalized, StatementCountersigned
from contracts.models import Contract, Signature, Statement, StatementSignature
from contracts.signatures import CONTRACT, STATEMENT
from contracts.states import Role
from core.models import Event
from registry.events import CertificateIssued
from registry.models import Certificate
from tallystick import canonical

Entry = dict[str, Any]


@dataclass(frozen=True)
class Bound:
    """The bundle's events by what papers need of them: type and value of a field -> log index."""

    origin: str
    indexes: dict[tuple[str, str], int]

    def all_of(self, event_type: str) -> dict[str, int]:
        """Value -> log index of the events of one type."""
        return {value: index for (name, value), index in self.indexes.items() if name == event_type}


@dataclass
class Papers:
    """Files by path, and the entries of `contents` for each kind of paper."""

    found: Bound
    files: dict[str, bytes] = field(default_factory=dict)
    certificates: list[Entry] = field(default_factory=list)
    contracts: list[Entry] = field(default_factory=list)
    statements: list[Entry] = field(default_factory=list)


NAMED_BY = {
    CertificateIssued.TYPE: "code",
    ContractFinalized.TYPE: "contract",
    StatementCountersigned.TYPE: "statement",
    KeyEnrolled.TYPE: "public_key",
}


def bound(events: Iterable[Event], indexes: dict[str, int], origin: str) -> Bound:
    """What papers need of `events`, whose log indexes are given by event id."""
    return Bound(
        origin,
        {
            (event.type, event.body.fields[NAMED_BY[event.type]]["value"]): indexes[event.id]
            for event in events
            if event.type in NAMED_BY
        },
    )


def papers_of(found: Bound) -> Papers:
    """Every paper that the events bind, in five queries."""
    papers = Papers(found)
    add_certificates(papers)
    add_contracts(papers)
    add_statements(papers)
    return papers


def add_certificates(papers: Papers) -> None:
    """The certificates that the events issued."""
    issued = papers.found.all_of(CertificateIssued.TYPE)
    for row in Certificate.objects.filter(code__in=issued).order_by("id"):
        path = f"certificates/{row.code}.json"
        papers.files[path] = canonical.dumps(row.vc)
        papers.certificates.append({"path": path, "event": issued[row.code], "field": "vc_sha256"})


def add_contracts(papers: Papers) -> None:
    """The contracts that both parties signed, with both signatures."""
    concluded = papers.found.all_of(ContractFinalized.TYPE)
    rows = Contract.objects.filter(pk__in=concluded).prefetch_related("signatures")
    for row in rows.order_by("id"):
        path = contract_path(row.id)
        papers.files[path] = canonical.dumps(row.terms)
        signed = [
            add_signature(papers, CONTRACT, row, row, signature)
            for signature in row.signatures.all()
        ]
        entry = {"path": path, "event": concluded[row.id], "field": "digest", "signatures": signed}
        papers.contracts.append(entry)


def add_statements(papers: Papers) -> None:
    """The statements that both parties countersigned, under a contract of the bundle."""
    done = papers.found.all_of(StatementCountersigned.TYPE)
    rows = Statement.objects.filter(
        pk__in=done, contract__in=papers.found.all_of(ContractFinalized.TYPE)
    )
    for row in rows.select_related("contract").prefetch_related("signatures").order_by("id"):
        path = f"statements/{row.id}.json"
        papers.files[path] = canonical.dumps(row.body)
        signed = [
            add_signature(papers, STATEMENT, row, row.contract, signature)
            for signature in row.signatures.all()
        ]
        papers.statements.append(
            {
                "path": path,
                "contract": contract_path(row.contract_id),
                "event": done[row.id],
                "field": "digest",
                "root_field": "root",
                "signatures": signed,
            }
        )


def contract_path(contract_id: str) -> str:
    """Where the terms of a contract stand in a bundle."""
    return f"contracts/{contract_id}.json"


def add_signature(
    papers: Papers,
    purpose: str,
    paper: Contract | Statement,
    contract: Contract,
    row: Signature | StatementSignature,
) -> str:
    """One party's signature over a paper, with the event that enrolled its key; its path."""
    path = f"signatures/{paper.pk}-{row.role}.json"
    papers.files[path] = canonical.dumps(
        {
            "v": 1,
            "purpose": purpose,
            "origin": papers.found.origin,
            "digest": paper.digest,
            "role": row.role,
            "organisation": contract.seller_id if row.role == Role.SELLER else contract.buyer_id,
            "public_key": row.public_key,
            "signature": row.signature,
            "key_event": papers.found.indexes[KeyEnrolled.TYPE, row.public_key],
        }
    )
    return path
