"""Terms, statements and signatures have their digests; usage adds up to its sums."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import TruncHour

from contracts import billing, events
from contracts.actions.sealing import digest_of
from contracts.models import (
    Contract,
    Grant,
    Objection,
    Offer,
    QuotaAccount,
    SealedBucket,
    Signature,
    Statement,
    StatementSignature,
    UsageEvent,
    UsageRollup,
)
from contracts.signatures import CONTRACT, STATEMENT, Signed
from contracts.signatures import Statement as SignedStatement
from contracts.states import (
    GrantState,
    LeaseState,
    NegotiationState,
    Role,
    StatementState,
    UsageState,
)
from core.fsck import Course, Difference, Witness, each, require_course, require_told
from tallystick import canonical
from tallystick.digests import sha256_hex
from tallystick.proof.commit import list_root

N, ONE = NegotiationState, StatementState.COUNTERSIGNED_BY_ONE
SIGNATURE = {"public_key": "public_key", "signature": "signature"}


def check() -> str:
    """Raises Difference."""
    for contract in each(Contract.objects.all()):
        require_own_terms(contract)
    for offer in each(Offer.objects.all()):
        if sha256_hex(canonical.dumps(offer.terms)) != offer.digest:
            raise Difference(f"offer {offer.pk}: its terms have another digest")
    for statement in each(Statement.objects.all()):
        require_own_lines(statement)
    require_signed()
    require_told(*witnesses())
    require_course(*courses())
    require_summed_up()
    require_quotas()
    return (
        f"{Contract.objects.count()} contracts and {Statement.objects.count()} statements are as "
        f"signed, {UsageEvent.objects.count()} usage events add up"
    )


def require_own_terms(contract: Contract) -> None:
    """Raises Difference unless the terms have their digest and name the contract's parties."""
    what = f"contract {contract.pk}"
    if sha256_hex(canonical.dumps(contract.terms)) != contract.digest:
        raise Difference(f"{what}: its terms have another digest")
    parties = (contract.terms["seller"]["id"], contract.terms["buyer"]["id"])
    if parties != (contract.seller_id, contract.buyer_id):
        raise Difference(f"{what}: its terms name other parties")


def require_own_lines(statement: Statement) -> None:
    """Raises Difference unless root, digest and amount are those of the statement's value."""
    what, value = f"statement {statement.pk}", statement.body
    if billing.digest_of(value) != statement.digest:
        raise Difference(f"{what}: its value has another digest")
    if not value["root"] == statement.root == list_root(value["lines"]):
        raise Difference(f"{what}: its lines have another root")
    amount = sum(line["amount_fen"] for line in value["lines"])
    if not value["amount_fen"] == statement.amount_fen == amount:
        raise Difference(f"{what}: its lines have another sum")


def require_signed() -> None:
    """Raises Difference for a signature that is not its key's over its paper's digest."""
    for row in each(Signature.objects.select_related("contract")):
        require_own_signature(row, SignedStatement(CONTRACT, row.contract.digest, Role(row.role)))
    for one in each(StatementSignature.objects.select_related("statement")):
        require_own_signature(one, SignedStatement(STATEMENT, one.statement.digest, Role(one.role)))


def require_own_signature(row: Signed, signed: SignedStatement) -> None:
    """Raises Difference unless the row's key made the row's signature over that."""
    if not signed.is_signed_by(row.public_key, row.signature):
        raise Difference(f"signature {row.pk} is not over the {signed.purpose}'s digest")


def witnesses() -> list[Witness]:
    """What the room's events tell of its rows."""
    return [
        Witness(
            fact=events.ContractFinalized,
            rows=Contract.objects.filter(state=NegotiationState.FINALIZED),
            key={"contract": "id"},
            same={"digest": "digest"},
        ),
        Witness(
            fact=events.GrantActivated,
            rows=Grant.objects.filter(activated_at__isnull=False),
            key={"grant": "id"},
            same={"contract": "contract_id", "starts_at": "starts_at", "ends_at": "ends_at"},
            at="activated_at",
        ),
        Witness(
            fact=events.ContractSigned,
            rows=Signature.objects.all(),
            key={"contract": "contract_id", "role": "role"},
            same=SIGNATURE,
            at="signed_at",
        ),
        *of_statements(),
        Witness(
            fact=events.BucketSealed,
            rows=SealedBucket.objects.all(),
            key={"bucket": "bucket"},
            same={"rows": "rows", "digest": "digest"},
        ),
    ]


def of_statements() -> list[Witness]:
    """What events tell of statements, their signatures and objections to them."""
    return [
        Witness(
            fact=events.StatementDrawn,
            rows=Statement.objects.all(),
            key={"statement": "id"},
            same={
                "contract": "contract_id",
                "number": "number",
                "since": "since",
                "until": "until",
                "root": "root",
                "digest": "digest",
                "amount_fen": "amount_fen",
            },
            at="drawn_at",
        ),
        Witness(
            fact=events.StatementObjected,
            rows=Objection.objects.all(),
            key={"objection": "id"},
            same={"statement": "statement_id", "role": "role", "reason": "reason"},
            at="raised_at",
        ),
        Witness(
            fact=events.StatementObjectionWithdrawn,
            rows=Objection.objects.filter(withdrawn_at__isnull=False),
            key={"objection": "id"},
            same={"statement": "statement_id", "role": "role"},
            at="withdrawn_at",
        ),
        Witness(
            fact=events.StatementDeemedAccepted,
            rows=Statement.objects.filter(accepted_at__isnull=False),
            key={"statement": "id"},
            same={"digest": "digest", "due_at": "accepted_at"},
        ),
        Witness(
            fact=events.StatementSigned,
            rows=StatementSignature.objects.all(),
            key={"statement": "statement_id", "role": "role"},
            same=SIGNATURE,
            at="signed_at",
        ),
    ]


def courses() -> list[Course]:
    """To which states the room's events lead its contracts, grants and statements."""
    return [
        Course(
            rows=Contract.objects.all(),
            field="contract",
            turns={
                events.ContractRequested: N.REQUESTED,
                events.ContractOffered: N.OFFERED,
                events.ContractAccepted: N.ACCEPTED,
                events.ContractAgreed: N.AGREED,
                events.ContractSigned: lambda v: N.VERIFIED if v["role"] == Role.BUYER else None,
                events.ContractFinalized: N.FINALIZED,
                events.ContractTerminated: N.TERMINATED,
                events.ContractLapsed: N.TERMINATED,
            },
        ),
        Course(
            rows=Grant.objects.all(),
            field="grant",
            turns={
                events.ContractFinalized: GrantState.PENDING,
                events.GrantActivated: GrantState.ACTIVE,
                events.GrantSuspended: GrantState.SUSPENDED,
                events.GrantResumed: GrantState.ACTIVE,
                events.GrantTerminated: GrantState.TERMINATED,
            },
        ),
        Course(
            rows=Statement.objects.all(),
            field="statement",
            turns={
                events.StatementDrawn: StatementState.DRAWN,
                events.StatementSigned: StatementState.COUNTERSIGNED_BY_ONE,
                events.StatementObjectionWithdrawn: back_from_objection,
                events.StatementCountersigned: StatementState.COUNTERSIGNED,
                events.StatementObjected: StatementState.OBJECTED,
                events.StatementDeemedAccepted: StatementState.DEEMED_ACCEPTED,
            },
        ),
    ]


def back_from_objection(values: Mapping[str, Any]) -> str:
    """Where a statement stood before an objection that was taken back: one side may have signed."""
    before = StatementSignature.objects.filter(
        statement=values["statement"], signed_at__lte=values["effective_at"]
    )
    return str(ONE if before.exists() else StatementState.DRAWN)


def require_summed_up() -> None:
    """Raises Difference unless each hour's sums are those of its events, and each sealed
    bucket's digest that of its rows."""
    for contract in each(Contract.objects.only("pk")):
        if list(stored_sums(contract)) != list(folded_sums(contract)):
            raise Difference(f"the usage of contract {contract.pk} does not add up")
    known = Contract.objects.filter(pk=OuterRef("contract"))
    if UsageEvent.objects.filter(~Exists(known)).exists():
        raise Difference("there is usage of a contract that is not stored")
    for sealed in each(SealedBucket.objects.all()):
        if digest_of(sealed.bucket) != (sealed.digest, sealed.rows):
            raise Difference(f"usage bucket {sealed.bucket} is not what was sealed")


def require_quotas() -> None:
    """Raises Difference unless what is leased and used of each quota is that of its leases."""
    settled = Q(leases__state=LeaseState.SETTLED)
    rows = QuotaAccount.objects.annotate(
        out=Sum("leases__units", filter=~settled, default=0),
        spent=Sum("leases__recorded", filter=settled, default=0),
    )
    wrong = rows.exclude(leased=F("out"), used=F("spent")).order_by("pk").first()
    if wrong:
        raise Difference(f"quota {wrong.pk}: leased and used are not those of its leases")


def stored_sums(contract: Contract) -> QuerySet[Any, Any]:
    """Meter, hour, units, calls and indeterminate units of the contract's rollups, in order."""
    rows = UsageRollup.objects.filter(contract=contract).order_by("meter", "hour")
    return rows.values_list("meter", "hour", "units", "calls", "indeterminate")


def folded_sums(contract: Contract) -> QuerySet[Any, Any]:
    """The same from the contract's events."""
    rows = UsageEvent.objects.filter(contract=contract)
    rows = rows.annotate(hour=TruncHour("occurred_at", tzinfo=UTC))
    sums = rows.values_list("meter", "hour").annotate(
        units_sum=Sum("units"),
        calls=Count("id"),
        unsure=Sum("units", filter=Q(state=UsageState.INDETERMINATE), default=0),
    )
    return sums.order_by("meter", "hour")
