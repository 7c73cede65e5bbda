"""Usage of a contract, summed up; what is not known is never zero."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db.models import Count, Max, Q, QuerySet, Sum
from django.db.models.functions import TruncDate
from django.utils.translation import gettext_lazy as _

from contracts.billing import MeterTotal
from contracts.models import Contract, QuotaAccount, QuotaLease, UsageEvent, UsageRollup
from contracts.states import LeaseState, UsageState
from core.errors import Unavailable
from core.time import CHINA, iso
from tallystick import canonical
from tallystick.digests import sha256_hex

HOUR = timedelta(hours=1)
INSTANT = timedelta(microseconds=1)
SUMS = {
    "units_sum": Sum("units"),
    "calls": Count("id"),
    "indeterminate": Sum("units", filter=Q(state=UsageState.INDETERMINATE), default=0),
}
Sums = tuple[str, datetime, int, int, int]


@dataclass(frozen=True, slots=True)
class Balance:
    """One meter's quota in its unit: `recorded` by drained calls, `free` to be leased now."""

    meter: str
    granted: int
    recorded: int
    free: int


@dataclass(frozen=True, slots=True)
class DayUse:
    """What one meter counted on one day in China; `units` include `indeterminate`."""

    contract: str
    meter: str
    day: date
    units: int
    calls: int
    indeterminate: int


def days_of(contracts: Iterable[str], *, since: datetime, until: datetime) -> list[DayUse]:
    """The days on which something was counted in the half-open period, oldest first.

    Whole hours only. One query, however many contracts.
    """
    rows = UsageRollup.objects.filter(
        contract__in=list(contracts), hour__gte=full_hour(since), hour__lt=until
    )
    days = rows.annotate(day=TruncDate("hour", tzinfo=CHINA)).values("contract", "meter", "day")
    sums = days.annotate(
        all_units=Sum("units"), all_calls=Sum("calls"), all_lost=Sum("indeterminate")
    )
    found = sums.order_by("day", "contract", "meter")
    columns = ("contract", "meter", "day", "all_units", "all_calls", "all_lost")
    return [DayUse(*row) for row in found.values_list(*columns)]


def totals(contract_id: str, *, since: datetime, until: datetime) -> list[MeterTotal]:
    """What each meter counted in the half-open period; meters without usage are left out.

    Raises Unavailable while a gateway may hold records from before `until` that are not
    drained: then the sum is not known yet.
    """
    require_drained(contract_id, until)
    found: dict[str, list[Sums]] = {}
    for part in parts(contract_id, since, until):
        found.setdefault(part[0], []).append(part)
    return [total_of(meter, found[meter]) for meter in sorted(found)]


def require_drained(contract_id: str, until: datetime) -> None:
    """Raises Unavailable naming a lease whose records before `until` are not all drained."""
    late = open_leases(contract_id).filter(taken_at__lt=until, drained_through__lt=until)
    if found := late.order_by("drained_through").first():
        raise not_drained(found)


def used_until(contract_id: str, *, since: datetime) -> datetime:
    """The moment after the last call of a contract that has ended at `since`.

    A gateway that had not heard of the end admits calls for a moment longer. No lease is
    given out after the end, so nothing can follow once all are settled. Raises
    Unavailable while one is not.
    """
    if found := open_leases(contract_id).order_by("drained_through").first():
        raise not_drained(found)
    rows = UsageEvent.objects.filter(contract=contract_id, occurred_at__gte=since)
    last = rows.aggregate(last=Max("occurred_at"))["last"]
    return since if last is None else last + INSTANT


def open_leases(contract_id: str) -> QuerySet[QuotaLease]:
    """The contract's leases that are not settled."""
    rows = QuotaLease.objects.filter(account__contract=contract_id)
    return rows.exclude(state=LeaseState.SETTLED)


def not_drained(lease: QuotaLease) -> Unavailable:
    """What is said while that lease may still record usage of the period."""
    return Unavailable(
        "usage-not-drained",
        _("Usage up to this moment is still on its way; try again in a few seconds."),
        remedy=_("Wait for the worker, or choose an earlier end of the period."),
        lease=lease.id,
        drained_through=iso(lease.drained_through),
        retry_after=2,
    )


def parts(contract_id: str, since: datetime, until: datetime) -> Iterator[Sums]:
    """(meter, hour, units, calls, indeterminate units): whole hours from the rollups, the
    broken hours at both ends from the events."""
    first, last = next_hour(since), full_hour(until)
    if first >= last:
        yield from of_events(contract_id, since, until)
        return
    yield from of_events(contract_id, since, first)
    rows = UsageRollup.objects.filter(contract=contract_id, hour__gte=first, hour__lt=last)
    columns = ("meter", "hour", "units", "calls", "indeterminate")
    yield from rows.order_by("hour", "meter").values_list(*columns)
    yield from of_events(contract_id, last, until)


def full_hour(moment: datetime) -> datetime:
    """The full hour at or before `moment`, UTC."""
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def next_hour(moment: datetime) -> datetime:
    """The full hour at or after `moment`, UTC."""
    hour = full_hour(moment)
    return hour if hour == moment else hour + HOUR


def of_events(contract_id: str, since: datetime, until: datetime) -> Iterator[Sums]:
    """The same sums of the events in [since, until), counted under `since`."""
    if since >= until:
        return
    rows = UsageEvent.objects.filter(contract=contract_id)
    rows = rows.filter(occurred_at__gte=since, occurred_at__lt=until)
    for row in rows.values("meter").annotate(**SUMS).order_by("meter"):
        yield row["meter"], since, row["units_sum"], row["calls"], row["indeterminate"]


def total_of(meter: str, sums: list[Sums]) -> MeterTotal:
    """One meter's total and the digest over what it was made of."""
    value: list[Any] = [
        {"hour": iso(hour), "units": units, "calls": calls, "indeterminate": indeterminate}
        for _meter, hour, units, calls, indeterminate in sums
    ]
    return MeterTotal(
        meter=meter,
        units=sum(s[2] for s in sums),
        calls=sum(s[3] for s in sums),
        indeterminate_units=sum(s[4] for s in sums),
        rollup_digest=sha256_hex(canonical.dumps(value)),
    )


def balances(contract: Contract) -> list[Balance]:
    """Each meter's quota as drained records show it; a gateway may have spent a little more."""
    rows = QuotaAccount.objects.filter(contract=contract).order_by("meter")
    live = Sum("leases__recorded", filter=~Q(leases__state=LeaseState.SETTLED), default=0)
    return [
        Balance(
            row.meter,
            row.granted,
            row.used + row.live,
            row.granted - row.used - row.leased,
        )
        for row in rows.annotate(live=live)
    ]


def events_of(contract: Contract, meter: str = "") -> QuerySet[UsageEvent]:
    """The contract's usage events, newest first."""
    rows = UsageEvent.objects.filter(contract=contract).order_by("-occurred_at", "-id")
    return rows.filter(meter=meter) if meter else rows


def metered_calls() -> int:
    """How many calls have been recorded under all contracts, whatever their meter."""
    return int(UsageRollup.objects.aggregate(all=Sum("calls", default=0))["all"])
