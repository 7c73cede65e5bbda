"""Exact quota with real processes: skew, a pause past the lease, a kill."""

import os
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta

import pytest
from django.utils import timezone

from contracts.models import QuotaAccount, QuotaLease, UsageEvent, UsageRollup
from delivery.actions.draining import Drainer
from tests.factories import delivery
from tests.house.source import ROOT

pytestmark = [pytest.mark.postgresql, pytest.mark.slow, pytest.mark.timeout(900)]
QUOTA = 1000


class Spender:
    """One gateway process and what it has been admitted so far."""

    def __init__(self, deal, number, *, pause_ms, workers=8):
        self.key, self.token = delivery.make_key(deal.buyer)
        self.decisions = []
        self.exhausted = False
        command = [sys.executable, "-m", "tests.delivery.gateway.spender"]
        options = [f"/d/{deal.contract.id}/rows", self.token, str(workers), str(pause_ms)]
        self.process = subprocess.Popen(
            [*command, *options], cwd=ROOT, stdout=subprocess.PIPE, text=True, env=dict(os.environ)
        )
        self.number = number
        self.reader = threading.Thread(target=self.read)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            if line.strip() == "exhausted":
                self.exhausted = True
            else:
                self.decisions.append(line.strip())

    @property
    def count(self):
        return len(self.decisions)

    def end(self):
        self.process.kill()
        self.process.wait()
        self.reader.join()
        self.process.stdout.close()


@pytest.fixture
def market(committed, settings, tmp_path, monkeypatch):
    """An active contract for 1,000 calls, in a folder that processes share."""
    monkeypatch.setenv("TALLYSTICK_VAR", str(tmp_path))
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "tests.settings")
    settings.SPOOL_DIR, settings.OBJECT_DIR = tmp_path / "spool", tmp_path / "objects"
    settings.KEY_DIR = tmp_path / "keys"
    path = delivery.make_csv(tmp_path)
    certificate = delivery.make_registered(path)
    delivery.make_deposit(certificate, path)
    return delivery.make_deal_on(certificate, meters=delivery.meters(rows=QUOTA))


@pytest.fixture
def spenders():
    started = []
    yield started
    for spender in started:
        spender.end()


def drain_until(spool, condition, seconds=240.0):
    """Drain round by round, as the worker's lane does, until the condition holds."""
    drainer, deadline = Drainer(spool), time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come to that"
        drainer.once()
        time.sleep(0.05)
    drainer.once()


def account(deal):
    row = QuotaAccount.objects.get(contract=deal.contract, meter="rows.call")
    return row.granted, row.leased, row.used


def test_eight_processes_with_skewed_load_admit_exactly_the_quota(market, spenders, settings):
    spenders += [Spender(market, n, pause_ms=0 if n < 2 else 5 * n) for n in range(8)]

    drain_until(settings.SPOOL_DIR, lambda: all(s.exhausted for s in spenders))

    decisions = [d for s in spenders for d in s.decisions]
    assert len(decisions) == len(set(decisions)) == QUOTA
    assert all(s.process.wait(30) == 0 for s in spenders)
    assert account(market) == (QUOTA, 0, QUOTA)
    assert {e.id for e in UsageEvent.objects.all()} == set(decisions)
    assert sum(UsageRollup.objects.values_list("units", flat=True)) == QUOTA
    assert min(s.count for s in spenders) > 0


def test_a_process_paused_past_its_lease_and_continued_admits_no_more(market, spenders, settings):
    paused = Spender(market, 0, pause_ms=20)
    spenders.append(paused)
    drain_until(settings.SPOOL_DIR, lambda: paused.count >= 3)
    paused.process.send_signal(signal.SIGSTOP)
    QuotaLease.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    spenders += [Spender(market, n, pause_ms=1) for n in (1, 2)]
    drain_until(settings.SPOOL_DIR, lambda: all(s.count for s in spenders))
    seen = paused.count

    def others_stand_still():
        before = sum(s.count for s in spenders)
        time.sleep(1.5)
        return sum(s.count for s in spenders) == before

    drain_until(settings.SPOOL_DIR, others_stand_still)
    held = QuotaLease.objects.exclude(state="settled")
    assert held.exists()
    assert not any(s.exhausted for s in spenders)
    assert sum(s.count for s in spenders) < QUOTA
    assert paused.count == seen

    paused.process.send_signal(signal.SIGCONT)
    drain_until(settings.SPOOL_DIR, lambda: all(s.exhausted for s in spenders))

    assert sum(s.count for s in spenders) == QUOTA
    assert account(market) == (QUOTA, 0, QUOTA)
    assert UsageEvent.objects.count() == QUOTA


def test_a_killed_process_returns_what_it_did_not_record(market, spenders, settings):
    spenders += [Spender(market, n, pause_ms=20 if n == 0 else 2) for n in range(3)]
    killed, *others = spenders
    drain_until(settings.SPOOL_DIR, lambda: all(s.count >= 5 for s in spenders))
    killed.process.kill()

    drain_until(settings.SPOOL_DIR, lambda: all(s.exhausted for s in others))

    recorded = UsageEvent.objects.filter(credential=killed.key.id).count()
    assert killed.count <= recorded <= killed.count + 1
    assert recorded + sum(s.count for s in others) == QUOTA
    assert account(market) == (QUOTA, 0, QUOTA)
    assert UsageEvent.objects.count() == QUOTA
