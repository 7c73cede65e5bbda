"""Figures of the gateway, served by granian and asked by wrk, on PostgreSQL.

Server, workers, threads and connections are the same for the figure and for its limit.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median

from bench import Figure, Measurement
from bench.serving import (
    CONNECTIONS,
    MOST,
    Market,
    ask,
    bare,
    certified,
    gateway,
    market_place,
    open_market,
    process,
    wait_for,
)

THREADS = 8
"""In each worker. A call that waits for the disk needs none; more get into each other's way."""
ROUNDS = 3
SMALL_QUOTA = 20_000
AUTHORISE_RATIO, AUTHORISE_BAR = 0.15, 10_000
END_TO_END_BAR, END_TO_END_LAG, END_TO_END_SECONDS = 25_000, 3.0, 15


def wait_for_drainer() -> None:
    """Wait until another process has taken the drainer's seat."""
    from django.utils import timezone

    from core.models import Lease

    deadline = time.monotonic() + 30
    while not Lease.objects.filter(name__startswith="drain", expires_at__gt=timezone.now()):
        if time.monotonic() > deadline:
            raise TimeoutError("no drainer")
        time.sleep(0.05)


def drained() -> None:
    """Drain what the spool holds until nothing is left; give the seat up again.

    Whoever drained before has ended and may have left the seat taken.
    """
    from django.conf import settings
    from django.utils import timezone

    from core import leases
    from core.models import Lease
    from delivery.actions.draining import Drainer

    drainer = Drainer(settings.SPOOL_DIR)
    Lease.objects.filter(name=drainer.seat).update(expires_at=timezone.now())
    while drainer.once():
        pass
    leases.release_all()


def usage_of(market: Market) -> dict[str, int]:
    """Units granted, used and still leased, and those of the stored events.

    A call whose client left before the answer is an event of no units.
    """
    from django.db.models import Sum

    from contracts.models import QuotaAccount, UsageEvent

    account = QuotaAccount.objects.get(contract=market.deal.contract, meter="rows.call")
    events = UsageEvent.objects.filter(contract=market.deal.contract, meter="rows.call")
    return {
        "granted": account.granted,
        "used": account.used,
        "leased": account.leased,
        "units": events.aggregate(all=Sum("units", default=0))["all"],
    }


def authorise() -> Measurement:
    """Key, contract, policy, quota and a durable intent before every answer of a priced meter."""
    with market_place():
        certificate = certified()
        large = open_market(certificate, rows=MOST, price_fen=5)
        small = open_market(certificate, rows=SMALL_QUOTA, price_fen=5)
        rates, limits, admitted, p99 = [], [], 0, ""
        with (
            gateway(large, THREADS) as port,
            bare(THREADS) as limit_port,
            nothing_late(),
        ):
            for _round in range(ROUNDS):
                limits.append(ask(limit_port, "/", []).rate)
                load = ask(port, large.path, large.headers)
                rates.append(load.rate * load.admitted / load.answers)
                admitted, p99 = admitted + load.admitted, load.p99
            wait_for(port, small)
            greedy = ask(port, small.path, small.headers)
        drained()
        spent, little = usage_of(large), usage_of(small)
    over = max(0, greedy.admitted - SMALL_QUOTA)
    assert spent["leased"] == little["leased"] == 0
    assert spent["units"] == spent["used"] >= admitted
    assert little["used"] == little["units"] <= SMALL_QUOTA
    rate, limit = median(rates), median(limits)
    return Measurement(
        value=rate,
        unit="calls/s",
        limit=limit,
        limit_name="bare WSGI reply of the same size on the same server and threads",
        met=rate >= AUTHORISE_RATIO * limit and rate >= AUTHORISE_BAR and over == 0,
        more={"over_admitted": over, "quota": SMALL_QUOTA, "p99": p99, "connections": CONNECTIONS},
    )


def end_to_end() -> Measurement:
    """Calls of an unpriced meter, answered first, while the drainer stores and sums them up."""
    with market_place():
        market = open_market(certified(), rows=MOST, price_fen=0)
        with gateway(market, THREADS) as port, bare(THREADS) as limit_port:
            limit = ask(limit_port, "/", []).rate
            drained()
            before = rolled_up(market)
            with process("-m", "bench.drainer"):
                wait_for_drainer()
                with watching() as lags:
                    began = time.monotonic()
                    load = ask(port, market.path, market.headers, seconds=END_TO_END_SECONDS)
                    catch_up(market, before + load.admitted)
                    took = time.monotonic() - began
        drained()
        spent = usage_of(market)
        summed = rolled_up(market)
    assert spent["leased"] == 0
    assert spent["used"] == spent["units"] == summed >= before + load.admitted
    rate, lag = load.admitted / took, max(lags)
    return Measurement(
        value=rate,
        unit="events/s",
        limit=limit,
        limit_name="bare WSGI reply of the same size on the same server and threads",
        met=rate >= END_TO_END_BAR and lag < END_TO_END_LAG,
        more={
            "lag_seconds": round(lag, 2),
            "refused": load.refused,
            "p99": load.p99,
        },
    )


def rolled_up(market: Market) -> int:
    """Units in the contract's rollups."""
    from contracts.models import UsageRollup

    rows = UsageRollup.objects.filter(contract=market.deal.contract, meter="rows.call")
    return sum(rows.values_list("units", flat=True))


def catch_up(market: Market, count: int) -> None:
    """Wait until so many events are stored."""
    deadline = time.monotonic() + 60
    while rolled_up(market) < count:
        if time.monotonic() > deadline:
            raise TimeoutError("the drainer does not catch up")
        time.sleep(0.05)


@contextmanager
def nothing_late() -> Iterator[None]:
    """Tell the gateway that draining, which this figure leaves out, is not late."""
    stop = threading.Event()
    teller = threading.Thread(target=tell, args=(stop.wait,))
    teller.start()
    try:
        yield
    finally:
        stop.set()
        teller.join()


def tell(wait: Callable[[float], bool]) -> None:
    """Move the watermark of open leases to now, four times a second."""
    from django.db import connection
    from django.utils import timezone

    from contracts.models import QuotaLease

    try:
        while not wait(0.25):
            open_leases = QuotaLease.objects.exclude(state="settled")
            open_leases.update(drained_through=timezone.now())
    finally:
        connection.close()


@contextmanager
def watching() -> Iterator[list[float]]:
    """How far behind the drainer is, in seconds, looked at four times a second."""
    lags: list[float] = [0.0]
    stop = threading.Event()
    watcher = threading.Thread(target=watch, args=(lags, stop.wait))
    watcher.start()
    try:
        yield lags
    finally:
        stop.set()
        watcher.join()


def watch(lags: list[float], wait: Callable[[float], bool]) -> None:
    """Add the age of the oldest record that may not be stored, until told to stop."""
    from django.db import connection
    from django.db.models import Min
    from django.utils import timezone

    from contracts.models import QuotaLease

    try:
        while not wait(0.25):
            open_leases = QuotaLease.objects.exclude(state="settled")
            oldest = open_leases.aggregate(oldest=Min("drained_through"))["oldest"]
            if oldest is not None:
                lags.append((timezone.now() - oldest).total_seconds())
    finally:
        connection.close()


FIGURES = [
    Figure(
        "gateway.authorise",
        f">= {AUTHORISE_RATIO} of bare, >= {AUTHORISE_BAR}/s, none over the quota",
        authorise,
    ),
    Figure(
        "usage.end_to_end",
        f">= {END_TO_END_BAR}/s, lag < {END_TO_END_LAG:.0f} s",
        end_to_end,
    ),
]
