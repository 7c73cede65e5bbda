"""`tallystick verify`: check a proof bundle, or whether a file is the registered one.

A bundle is checked link by link against a trust file, without network. A file is checked against
a certificate, or against the one that an exchange gives for a code.
"""

from __future__ import annotations

import argparse
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tallystick import canonical, codes, credential, keys
from tallystick.cli import frame
from tallystick.proof.report import Report
from tallystick.proof.trust import Trust, TrustError, parse_trust
from tallystick.proof.verify import verify_bundle

UNPINNED = "not compared with a trust file: anybody can issue a certificate of a file"
_MARKS = {"ok": "ok", "failed": "FAILED", "not checked": "NOT CHECKED", "absent": "absent"}


class Refused(Exception):
    """The certificate is not what it should be: the check fails before the file is read."""


def add_parser(subparsers: Any) -> None:
    """Add the command."""
    parser = subparsers.add_parser(
        "verify", help="check a proof bundle or a file", description=__doc__
    )
    parser.add_argument("file", type=Path, help="a proof bundle, or a data file")
    parser.add_argument("--trust", type=Path, metavar="TRUST", help="what you trust (trust.json)")
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--certificate", type=Path, help="compare the file with this certificate")
    source.add_argument("--exchange", metavar="URL", help="compare with a certificate from here")
    parser.add_argument("--code", help="the registration code, with --exchange")
    frame.add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Check what was asked for; 0 only if everything holds."""
    if bool(args.exchange) != bool(args.code):
        raise frame.BadInput("usage", "--exchange and --code belong together")
    trust = _trust(args.trust)
    if args.certificate or args.exchange:
        return _run_file(args, trust)
    if trust is None:
        raise frame.BadInput("usage", "a bundle is checked against --trust TRUST")
    report = verify_bundle(args.file, trust)
    frame.emit(args, report.to_json(), _text(report))
    return frame.OK if report.ok else frame.CHECK_FAILED


def _text(report: Report) -> str:
    lines = [f"{_MARKS[link.status]:<12} {link.name:<20} {link.detail}" for link in report.links]
    verdict = "every link holds" if report.ok else "this bundle proves less than it claims"
    return "\n".join([*lines, verdict])


def _trust(path: Path | None) -> Trust | None:
    if path is None:
        return None
    try:
        return parse_trust(frame.read_json(path, "trust"))
    except TrustError as error:
        raise frame.BadInput("trust", f"{path}: {error}") from None


def _run_file(args: argparse.Namespace, trust: Trust | None) -> int:
    """Compare the file's fingerprint with the one that the certificate certifies."""
    certificate, standing = _certificate(args)
    try:
        subject, issuer = _certified(certificate, args.code, trust)
    except Refused as reason:
        frame.emit(args, {"ok": False, "reason": str(reason)}, f"{_MARKS['failed']:<12} {reason}")
        return frame.CHECK_FAILED
    differs = _differences(args.file, subject["manifest"])
    value = {
        "ok": not differs and standing in (None, "valid"),
        "code": subject.get("code"),
        "name": subject.get("name"),
        "issuer": issuer,
        "issuer_trusted": trust is not None,
        "standing": standing,
        "differs": differs,
    }
    frame.emit(args, value, _file_text(args.file, value))
    return frame.OK if value["ok"] else frame.CHECK_FAILED


def _differences(file: Path, registered: dict[str, Any]) -> list[str]:
    """The parts of the registered manifest that the file's own does not share."""
    from tallystick.fingerprint import FileChanged, Manifest, ManifestError, TableError, fingerprint

    try:
        expected = Manifest.from_public(registered).public()
    except ManifestError as error:
        raise frame.BadInput("certificate", f"the certified fingerprint: {error}") from None
    try:
        found = fingerprint(file, kind="csv" if "table" in expected else "binary").public()
    except TableError:
        found = fingerprint(file, kind="binary").public()
    except FileChanged as error:
        raise frame.BadInput("changed", f"{file}: {error}") from None
    names = dict.fromkeys([*expected, *found])
    return [name for name in names if expected.get(name) != found.get(name)]


def _file_text(file: Path, value: dict[str, Any]) -> str:
    verdict = "is the registered file" if not value["differs"] else "is NOT the registered file"
    lines = [f"{file} {verdict}: {value['code']} {value['name']}"]
    lines += [f"differs      {name}" for name in value["differs"]]
    pinned = "trusted" if value["issuer_trusted"] else UNPINNED
    lines.append(f"issuer       {value['issuer']} ({pinned})")
    if value["standing"] is not None:
        lines.append(f"standing     {value['standing']}")
    return "\n".join(lines)


def _certificate(args: argparse.Namespace) -> tuple[Any, str | None]:
    """The certificate and its standing: as the exchange says, or as its own term does."""
    if args.certificate:
        certificate = frame.read_json(args.certificate, "certificate")
        return certificate, _standing(certificate, datetime.now(UTC))
    from tallystick.client import Client, ClientError

    if not codes.is_valid(args.code):
        raise frame.BadInput("code", f"{args.code} is no registration code")
    try:
        client = Client(args.exchange)
        path = f"api/v1/certificates/{args.code}"
        standing = client.get(path).get("standing")
        raw = json.dumps(client.get(f"{path}/vc")).encode()
        return canonical.loads_strict(raw), str(standing)
    except (ClientError, AttributeError, canonical.CanonicalError) as error:
        raise frame.BadInput("exchange", f"{args.exchange}: {error}") from None


def _standing(certificate: Any, now: datetime) -> str | None:
    """valid, not_yet or expired by validFrom and validUntil; None where it has no such term."""
    names = ("validFrom", "validUntil")
    if not isinstance(certificate, dict) or not any(name in certificate for name in names):
        return None
    try:
        begins, ends = (datetime.fromisoformat(certificate[name]) for name in names)
        return "not_yet" if now < begins else "valid" if now < ends else "expired"
    except (KeyError, TypeError, ValueError):
        raise frame.BadInput("certificate", "the certificate's term cannot be read") from None


def _certified(
    certificate: Any, code: str | None, trust: Trust | None
) -> tuple[dict[str, Any], str]:
    """The subject and the issuer of a certificate whose proof holds.

    Without a trust file, the key is the one that the issuer's did:key is.
    """
    issuer = certificate.get("issuer") if isinstance(certificate, dict) else None
    did = issuer.get("id") if isinstance(issuer, dict) else issuer
    if not isinstance(did, str):
        raise frame.BadInput("certificate", "the certificate names no issuer")
    if trust is not None and did != trust.exchange_did:
        raise Refused(f"issued by {did}, not by {trust.exchange_did}")
    try:
        public = trust.issuer_key if trust is not None else keys.parse_public(did)
        credential.verify(certificate, public)
    except ValueError as error:
        raise Refused(f"the certificate is not genuine: {error}") from None
    subject = certificate.get("credentialSubject")
    if not isinstance(subject, dict) or not isinstance(subject.get("manifest"), dict):
        raise frame.BadInput("certificate", "the certificate has no fingerprint")
    if code is not None and subject.get("code") != code:
        raise Refused(f"the certificate is of {subject.get('code')}, not of {code}")
    return subject, did
