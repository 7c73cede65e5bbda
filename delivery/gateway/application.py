"""The gateway as a WSGI callable: authorise, take quota, write it down, deliver.

The order is fixed: fresh snapshot, key, contract and its buyer, term, policy, the
question itself, quota, the intent on the disk; only then the first byte. Whatever is
refused before spends nothing and is written down as a refusal.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from typing import Any, TypeVar

from contracts.policy import PolicyRequest, evaluate, explain_decision
from delivery.gateway import asking
from delivery.gateway.asking import Environ
from delivery.gateway.bodies import Handed, Places, Stream
from delivery.gateway.calls import Broken, Call, NoRoom, Over, Spent
from delivery.gateway.desk import EXHAUSTED, LEASED, Desk
from delivery.gateway.journal import Journal
from delivery.gateway.later import LATER, SENT_LATER, LaterReply
from delivery.gateway.refusals import STATUS, Refused, problem
from delivery.gateway.replies import (
    Headers,
    file_headers,
    limit_headers,
    rows_body,
    rows_headers,
)
from delivery.gateway.snapshot import ContractView, FileView, KeyView, MeterView, Snapshot, Ticket
from delivery.gateway.tables import BadCursor, Page

ROWS, FILE = "rows.call", "file.bytes"
MAX_STREAMS = 8
"""Downloads at once in one worker."""
ATTEMPTS = 5
log = logging.getLogger(__name__)
StartResponse = Callable[[str, list[tuple[str, str]]], Any]
Taken = TypeVar("Taken")
CONTRACT_REFUSALS = {
    "pending": "contract-not-active",
    "suspended": "contract-suspended",
    "terminated": "contract-terminated",
}


class Seen:
    """What is known of a request so far, for the record of its refusal."""

    __slots__ = ("contract", "credential", "meter")

    def __init__(self) -> None:
        self.contract = self.credential = self.meter = ""


class Gateway:
    """One worker's gateway. `desk` is what it knows, `journal` what it writes."""

    def __init__(self, desk: Desk, journal: Journal) -> None:
        self.desk = desk
        self.journal = journal
        self._places = Places(MAX_STREAMS)

    def __call__(self, environ: Environ, start: StartResponse) -> Iterable[bytes]:
        seen = Seen()
        try:
            return self.answer(environ, start, seen)
        except Refused as refused:
            decision = self.journal.refuse(
                (seen.contract, seen.meter), seen.credential, refused.code
            )
            accept = environ.get("HTTP_ACCEPT_LANGUAGE", "")
            status, headers, body = problem(refused, accept, decision)
            start(status, headers)
            return [b"" if environ["REQUEST_METHOD"] == "HEAD" else body]

    def answer(self, environ: Environ, start: StartResponse, seen: Seen) -> Iterable[bytes]:
        """The reply to a request. Raises Refused."""
        contract_id, kind = asking.address(environ)
        snapshot, key, contract = self.admitted(environ, contract_id, seen)
        seen.meter = ROWS if kind == "rows" else FILE
        reply = self.rows if kind == "rows" else self.file
        return reply(environ, start, snapshot, key, contract)

    def admitted(
        self, environ: Environ, contract_id: str, seen: Seen
    ) -> tuple[Snapshot, KeyView, ContractView]:
        """Who asks and under which contract, as it is known now. Raises Refused."""
        snapshot = self.desk.fresh()
        if snapshot is None:
            raise Refused("not-fresh")
        now_us = time.time_ns() // 1000
        header, stated = environ.get("HTTP_AUTHORIZATION", ""), environ.get("HTTP_X_PURPOSE", "")
        ticket = snapshot.tickets.get((contract_id, header, stated))
        if ticket is not None and ticket.since_us <= now_us < ticket.until_us:
            seen.credential, seen.contract = ticket.key.id, contract_id
            return snapshot, ticket.key, ticket.contract
        key = authenticated(header, snapshot, now_us)
        seen.credential, seen.contract = key.id, contract_id
        contract = contracted(snapshot, contract_id, key)
        require_in_force(contract, now_us)
        require_policy(contract, key, asking.purpose(stated), now_us)
        if contract.timeless:
            until_us = min(key.expires_us, contract.ends_us)
            ticket = Ticket(key, contract, contract.starts_us, until_us)
            snapshot.tickets[contract_id, header, stated] = ticket
        return snapshot, key, contract

    def goes_on(self, environ: Environ, contract: ContractView) -> bool:
        """Whether a download may go on; if not, that is written down as a refusal."""
        seen = Seen()
        try:
            self.admitted(environ, contract.id, seen)
        except Refused as refused:
            self.journal.refuse((contract.id, FILE), seen.credential, refused.code)
            return False
        return True

    def rows(
        self,
        environ: Environ,
        start: StartResponse,
        snapshot: Snapshot,
        key: KeyView,
        contract: ContractView,
    ) -> Iterable[bytes]:
        """One page of rows, one unit of rows.call. Raises Refused.

        An unpriced call is written down as complete before it is answered, and synced after.
        """
        meter, file = contract.meters.get(ROWS), contract.file
        if meter is None or file is None or not file.columns:
            raise Refused("rows-not-offered", {"contract": contract.id})
        question = asking.question(environ.get("QUERY_STRING", ""), file.columns)
        page = self.page(file, question)
        unused = max(0, self.unused(snapshot, contract, meter) - 1)
        body = rows_body(page, contract, meter, unused)
        paid, send = meter.unit_price_fen > 0, environ.get(LATER)
        spend, spend_at_once = self.journal.spend, self.journal.spend_at_once
        what, end = ((contract.id, ROWS), 1, key.id), contract.ends_us

        def headers(call: Call) -> Headers:
            return rows_headers(body, call, limit_headers(contract, meter, unused, call.begun_us))

        if paid and send is not None:
            failed = partial(spool_failed, environ.get("HTTP_ACCEPT_LANGUAGE", ""))
            reply = LaterReply(send, body, headers, failed)
            later = partial(self.journal.spend_later, *what, reply, before_us=end)
            self.spend(environ, contract, meter, 1, later)
            return SENT_LATER
        take = (
            partial(spend, *what, waits=True, before_us=end)
            if paid
            else partial(spend_at_once, *what, len(body), before_us=end)
        )
        call = self.spend(environ, contract, meter, 1, take)
        self.await_disk(call)
        start("200 OK", headers(call))
        if not paid:
            return [body]
        return Handed(body, lambda: self.journal.complete(call, 1, len(body)))

    def page(self, file: FileView, question: asking.Question) -> Page:
        """The page of a question. Raises Refused."""
        try:
            table = self.desk.tables[file.object]
        except KeyError:
            raise Refused("rows-loading") from None
        if table is None:
            raise Refused("rows-damaged")
        try:
            return table.page(question.filters, question.cursor, question.limit)
        except BadCursor:
            raise Refused("cursor-invalid") from None

    def file(
        self,
        environ: Environ,
        start: StartResponse,
        snapshot: Snapshot,
        key: KeyView,
        contract: ContractView,
    ) -> Iterable[bytes]:
        """The file or one range of it, a unit of file.bytes for each byte. Raises Refused."""
        meter, file = contract.meters.get(FILE), contract.file
        reader = self.desk.readers.get(file.object) if file else None
        if meter is None or file is None or reader is None:
            raise Refused("file-not-offered", {"contract": contract.id})
        etag = f'"{file.sha256}"'
        headers = file_headers(file, etag)
        if environ.get("HTTP_IF_NONE_MATCH", "") == etag:
            start(STATUS[304], headers)
            return []
        span = asking.byte_range(environ, file.size, etag)
        first, last = span or (0, file.size)
        headers.append(("Content-Length", str(last - first)))
        if span:
            headers.append(("Content-Range", f"bytes {first}-{last - 1}/{file.size}"))
        status = STATUS[206 if span else 200]
        if environ["REQUEST_METHOD"] == "HEAD":
            start(status, headers)
            return []
        what, paid = ((contract.id, FILE), last - first, key.id), meter.unit_price_fen > 0
        take = partial(self.journal.spend, *what, waits=paid, before_us=contract.ends_us)
        if not self._places.take(key.organisation):
            raise Refused("streams-busy")
        try:
            call = self.spend(environ, contract, meter, last - first, take)
            self.await_disk(call)
        except BaseException:
            self._places.leave(key.organisation)
            raise
        unused = self.unused(snapshot, contract, meter)
        limits = limit_headers(contract, meter, unused, call.begun_us)
        start(status, [*headers, ("X-Decision", call.decision.hex()), *limits])
        pieces = reader.read(first, last)

        def finish(call: Call, sent: int) -> None:
            # Bytes that were not taken may be asked for again.
            self._places.leave(key.organisation)
            self.journal.complete(call, sent, sent)

        return Stream(call, pieces, finish, lambda: self.goes_on(environ, contract))

    def spend(
        self,
        environ: Environ,
        contract: ContractView,
        meter: MeterView,
        units: int,
        take: Callable[[], Taken],
    ) -> Taken:
        """What `take` gives, which spends the units and writes that down, as soon as it can.

        Whoever waited for quota is asked anew who they are: much may have changed.
        Raises Refused.
        """
        if self.journal.pause:
            time.sleep(self.journal.pause)
        for attempt in range(ATTEMPTS):
            if attempt:
                self.admitted(environ, contract.id, Seen())
            try:
                return take()
            except Over:
                data = {"contract": contract.id, "ends_at": moment(contract.ends_us)}
                raise Refused("contract-ended", data) from None
            except Spent:
                self.wish(contract, meter, units)
            except NoRoom:
                self.desk.bell.set()
                time.sleep(0.02)
            except Broken:
                raise Refused("spool-failed") from None
        if self.journal.is_full():
            # No new segment came: the disk is full, or the lease thread hangs.
            raise Refused("spool-failed")
        raise quota_refused("quota-busy", contract, meter, units)

    def wish(self, contract: ContractView, meter: MeterView, units: int) -> None:
        """Return when a lease of so many units has been granted. Raises Refused."""
        outcome = self.desk.wish((contract.id, meter.name), units)
        if outcome != LEASED:
            code = "quota-exhausted" if outcome == EXHAUSTED else "quota-busy"
            raise quota_refused(code, contract, meter, units)

    def await_disk(self, call: Call) -> None:
        """Return when the intent of a priced call is on the disk. Raises Refused."""
        if call.waits:
            try:
                self.journal.make_durable(call)
            except Broken:
                raise Refused("spool-failed") from None

    def unused(self, snapshot: Snapshot, contract: ContractView, meter: MeterView) -> int:
        """Units not used yet: this worker's calls count at once, others' when drained."""
        account = (contract.id, meter.name)
        known = snapshot.unused.get(account, 0)
        return max(0, known - self.journal.spent(account))


def spool_failed(accept: str) -> tuple[int, Headers, bytes]:
    """The refusal of a call whose intent could not be made durable; it is written nowhere."""
    status, headers, body = problem(Refused("spool-failed"), accept, "")
    return int(status[:3]), headers, body


def authenticated(header: str, snapshot: Snapshot, now_us: int) -> KeyView:
    """The key in an Authorization header. Raises Refused."""
    challenge = [("WWW-Authenticate", 'Bearer realm="tallystick"')]
    scheme, _space, token = header.partition(" ")
    if not token:
        raise Refused("key-missing", {}, challenge)
    if scheme.lower() != "bearer":
        raise Refused("key-missing", {}, challenge)
    digest = sha256(token.strip().encode("latin-1", "replace")).hexdigest()
    key = snapshot.keys.get(digest)
    if key is None or key.expires_us <= now_us:
        raise Refused("key-unknown", {}, challenge)
    return key


def contracted(snapshot: Snapshot, contract_id: str, key: KeyView) -> ContractView:
    """The contract, if the key's organisation buys under it. Raises Refused."""
    contract = snapshot.contracts.get(contract_id)
    if contract is None or key.organisation not in (contract.buyer, contract.seller):
        raise Refused("contract-unknown", {"contract": contract_id})
    if key.organisation != contract.buyer:
        raise Refused("not-the-buyer", {"contract": contract_id})
    return contract


def require_in_force(contract: ContractView, now_us: int) -> None:
    """Raises Refused unless the grant is active and now lies in its half-open term."""
    if contract.state == "active" and contract.starts_us <= now_us < contract.ends_us:
        return
    data: dict[str, Any] = {"contract": contract.id}
    if contract.state == "terminated":
        raise Refused("contract-terminated", data)
    if now_us >= contract.ends_us:
        raise Refused("contract-ended", data | {"ends_at": moment(contract.ends_us)})
    if contract.state != "active":
        raise Refused(CONTRACT_REFUSALS[contract.state], data)
    raise Refused("contract-not-started", data | {"starts_at": moment(contract.starts_us)})


def require_policy(contract: ContractView, key: KeyView, purpose: str | None, now_us: int) -> None:
    """Raises Refused with the policy's own reason. The count is kept by the exact quota."""
    request = PolicyRequest(
        at=datetime.fromtimestamp(now_us / 1_000_000, UTC),
        purpose=purpose,
        spatial=key.region or None,
        count_used=None,
    )
    decision = evaluate(contract.policy, request)
    if not decision.allowed:
        words = {language: explain_decision(decision, language) for language in ("zh", "en")}
        data = {"contract": contract.id, "decision": decision.data()}
        raise Refused(decision.code, data, [], words)


def quota_refused(code: str, contract: ContractView, meter: MeterView, asked: int) -> Refused:
    """The refusal for want of quota; it names contract, meter and quota."""
    data = {"contract": contract.id, "meter": meter.name, "quota": meter.quota, "asked": asked}
    headers = limit_headers(contract, meter, 0, time.time_ns() // 1000)
    return Refused(code, data, headers if code == "quota-exhausted" else headers[:1])


def moment(us: int) -> str:
    """Microseconds since 1970 as RFC 3339 in UTC."""
    return datetime.fromtimestamp(us / 1_000_000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
