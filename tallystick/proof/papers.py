"""The checks of what parties hold in their hands: certificate, contract, usage statement.

A paper counts when the event that concluded it, disclosed in the bundle, commits to its digest. A
signature counts when its key was enrolled, in an earlier event of the same bundle and with proof of
possession, for the organisation that the contract names in that role, and was not revoked when it
signed. Each check returns what it found or raises as in `anchor`.
"""

from typing import Any

from tallystick import credential
from tallystick.digests import sha256_hex
from tallystick.keys import parse_public, verify_possession, verify_statement
from tallystick.proof.commit import list_root
from tallystick.proof.evidence import Absent, Broken, Event, Evidence, Paper, shaped
from tallystick.proof.trust import unhex

ROLES = ("seller", "buyer")
CONTRACT, STATEMENT = "contract", "statement"
CONCLUDED = {CONTRACT: "ContractFinalized", STATEMENT: "StatementCountersigned"}
SIGNED = {CONTRACT: "ContractSigned", STATEMENT: "StatementSigned"}


def check_certificates(evidence: Evidence) -> str:
    """Every certificate is signed by the trusted exchange and is the one its event issued."""
    papers = evidence.index.certificates
    if not papers:
        raise Absent("the bundle holds no certificate")
    trust, found = evidence.trust, []
    for paper in papers:
        document = evidence.json(paper.path)
        credential.verify(document, trust.issuer_key)
        issuer = document.get("issuer")
        if isinstance(issuer, dict):
            issuer = issuer.get("id")
        method = document["proof"]["verificationMethod"].partition("#")[0]
        if (issuer, method) != (trust.exchange_did, trust.exchange_did):
            raise Broken(f"{paper.path} is not issued by {trust.exchange_did}")
        event = _committing_event(evidence, paper, "CertificateIssued")
        found.append(f"{paper.path} issued by event {event.index} ({event.type})")
    return "; ".join(found)


def check_contracts(evidence: Evidence) -> str:
    """Seller and buyer signed every contract with keys enrolled for them."""
    papers = evidence.index.contracts
    if not papers:
        raise Absent("the bundle holds no contract")
    return "; ".join(_check_contract(evidence, paper) for paper in papers)


def check_statements(evidence: Evidence) -> str:
    """Every usage statement adds up to its root, and both parties of its contract signed it."""
    papers = evidence.index.statements
    if not papers:
        raise Absent("the bundle holds no usage statement")
    return "; ".join(_check_statement(evidence, paper) for paper in papers)


def _check_contract(evidence: Evidence, paper: Paper) -> str:
    parties = _parties(evidence, paper.path)
    event = _committing_event(evidence, paper, CONCLUDED[CONTRACT])
    signed = _check_signatures(evidence, paper, CONTRACT, parties, before=event.index)
    return f"{paper.path} signed by {signed}"


def _check_statement(evidence: Evidence, paper: Paper) -> str:
    statement = evidence.json(paper.path)
    if paper.contract not in {contract.path for contract in evidence.index.contracts}:
        raise Broken(f"{paper.path} is under a contract that the bundle does not hold")
    if not isinstance(statement, dict):
        raise Broken(f"{paper.path} is not an object")
    if statement.get("contract_digest") != sha256_hex(evidence.file(paper.contract)):
        raise Broken(f"{paper.path} is of another contract than {paper.contract}")
    lines = _lines(paper.path, statement)
    event = _committing_event(evidence, paper, CONCLUDED[STATEMENT])
    if not list_root(lines) == statement.get("root") == event.values.get(paper.root_field):
        raise Broken(f"{paper.path}: the lines do not make the root that was recorded")
    parties = _parties(evidence, paper.contract)
    signed = _check_signatures(evidence, paper, STATEMENT, parties, before=event.index)
    return f"{paper.path} with {len(lines)} lines countersigned by {signed}"


def _lines(path: str, statement: dict[str, Any]) -> list[dict[str, int]]:
    """The lines of a statement, whose amounts must add up."""
    lines, total = statement.get("lines"), 0
    if not isinstance(lines, list):
        raise Broken(f"{path} has no lines")
    for line in lines:
        units, price, amount = (
            line.get(name) if isinstance(line, dict) else None
            for name in ("billed_units", "unit_price_fen", "amount_fen")
        )
        if not (type(units) is type(price) is type(amount) is int and units * price == amount):
            raise Broken(f"{path}: a line's amount is not its billed units at its price")
        total += amount
    if statement.get("amount_fen") != total:
        raise Broken(f"{path}: the amount is not the sum of the lines")
    return lines


def _committing_event(evidence: Evidence, paper: Paper, fact: str) -> Event:
    """The event of the bundle that is this fact and whose field is the digest of the paper."""
    if paper.event not in evidence.index.events:
        raise Broken(f"{paper.path} names an event that the bundle does not hold")
    event = evidence.event(paper.event)
    if not _is_fact(event, fact):
        raise Broken(f"{paper.path}: event {event.index} is {event.type}, not {fact}")
    if event.values.get(paper.field) != sha256_hex(evidence.file(paper.path)):
        raise Broken(f"{paper.path} is not what event {event.index} committed to")
    return event


def _parties(evidence: Evidence, path: str) -> dict[str, str]:
    """role -> organisation of a contract."""
    contract = evidence.json(path)
    parties = {}
    for role in ROLES:
        party = contract.get(role) if isinstance(contract, dict) else None
        name = party.get("id") if isinstance(party, dict) else None
        if not isinstance(name, str) or not name:
            raise Broken(f"{path} does not name its {role}")
        parties[role] = name
    if len(set(parties.values())) != len(ROLES):
        raise Broken(f"{path} has one organisation on both sides")
    return parties


def _check_signatures(
    evidence: Evidence, paper: Paper, purpose: str, parties: dict[str, str], *, before: int
) -> str:
    """Every role signed the paper's digest once. Returns the roles for the report."""
    signed: dict[str, bytes] = {}
    for path in paper.signatures:
        value = shaped(
            evidence.json(path), path, purpose=str, origin=str, digest=str, role=str,
            organisation=str, public_key=str, signature=str, key_event=int,
        )  # fmt: skip
        role = value["role"]
        if role in signed or parties.get(role) != value["organisation"]:
            raise Broken(f"{path}: {value['organisation']} has no open signature as {role}")
        signed[role] = _check_signature(evidence, paper, purpose, path, value)
        moment = _signing_index(evidence, purpose, value, before=before)
        _check_key(evidence, path, value, signed[role], before=moment)
    missing = parties.keys() - signed.keys()
    if missing:
        raise Broken(f"{paper.path} is not signed by its {' and '.join(sorted(missing))}")
    if len(set(signed.values())) != len(signed):
        raise Broken(f"{paper.path} is signed twice with one key")
    return " and ".join(f"{role} {parties[role]}" for role in ROLES)


def _check_signature(
    evidence: Evidence, paper: Paper, purpose: str, path: str, value: dict[str, Any]
) -> bytes:
    """The key that made the signature in `value` over the paper's digest."""
    statement = {
        "purpose": purpose,
        "origin": evidence.trust.origin,
        "digest": sha256_hex(evidence.file(paper.path)),
        "role": value["role"],
    }
    for name, expected in statement.items():
        if value[name] != expected:
            raise Broken(f"{path}: another {name} than that of {paper.path}")
    try:
        public, signature = parse_public(value["public_key"]), unhex(value["signature"], 64)
        verify_statement(public, signature, **statement)
    except ValueError as error:
        raise Broken(f"{path}: {error}") from error
    return public


def _signing_index(evidence: Evidence, purpose: str, value: dict[str, Any], *, before: int) -> int:
    """The log index at which this signature was recorded; `before` where the bundle shows none."""
    for index in evidence.index.events:
        event = evidence.event(index)
        names = ("digest", "role", "signature")
        if _is_fact(event, SIGNED[purpose]) and all(event.values.get(n) == value[n] for n in names):
            return min(index, before)
    return before


def _check_key(
    evidence: Evidence, path: str, value: dict[str, Any], public: bytes, *, before: int
) -> None:
    """The key was enrolled for the organisation before event `before`, and not revoked by then."""
    if value["key_event"] not in evidence.index.events or value["key_event"] >= before:
        raise Broken(f"{path}: no earlier event of the bundle enrolled the key")
    enrolled = evidence.event(value["key_event"])
    if not _is_about_key(enrolled, "KeyEnrolled", public):
        raise Broken(f"{path}: event {enrolled.index} did not enrol this key")
    if enrolled.values.get("organisation") != value["organisation"]:
        raise Broken(f"{path}: the key was enrolled for another organisation")
    _check_possession(evidence, enrolled, public)
    for index in evidence.index.events:
        if enrolled.index < index < before:
            event = evidence.event(index)
            if _is_about_key(event, "KeyRevoked", public):
                raise Broken(f"{path}: event {index} revoked the key before")


def _check_possession(evidence: Evidence, enrolled: Event, public: bytes) -> None:
    """The enrolment discloses the key's answer to the challenge it was given, and it is right."""
    names = ("challenge", "document_sha256", "signature")
    values = [enrolled.values.get(name) for name in names]
    if not all(isinstance(value, str) for value in values):
        raise Broken(f"event {enrolled.index} does not disclose the proof of possession")
    challenge, document, signature = map(str, values)
    try:
        verify_possession(
            public,
            unhex(signature, 64),
            origin=evidence.trust.origin,
            challenge=challenge,
            document_sha256=document,
        )
    except ValueError as error:
        raise Broken(f"event {enrolled.index}: the proof of possession fails: {error}") from error


def _is_about_key(event: Event, fact: str, public: bytes) -> bool:
    """Whether the event is this fact about this public key."""
    key = event.values.get("public_key")
    if not _is_fact(event, fact) or not isinstance(key, str):
        return False
    try:
        return parse_public(key) == public
    except ValueError as error:
        raise Broken(f"event {event.index} has a malformed public key") from error


def _is_fact(event: Event, fact: str) -> bool:
    """Whether the event's type is this fact, of whichever app."""
    return event.type.rpartition(".")[2] == fact
