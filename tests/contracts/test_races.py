"""Real processes at the same moment, on whatever database the tests run on."""

import json
import os
import subprocess
import sys
import threading
import time

import pytest
from django.db import connection, transaction

from contracts.actions import grant as grants
from contracts.actions import quota
from contracts.actions import statement as statements
from contracts.models import Grant, QuotaAccount, QuotaLease, Signature, StatementSignature
from core.models import Event
from tests.contracts.usage import counted
from tests.factories import contracts as factory
from tests.house.source import ROOT

PROCESSES = 6
RACER = """
import json, sys
import django
django.setup()
from accounts import queries as accounts
from contracts.actions import contract, statement
from contracts.models import Contract, Statement
from core.errors import DomainError

job = json.loads(sys.argv[1])
organisation = accounts.organisation(job["organisation"])
by = accounts.actor_for(accounts.members_of(organisation)[0].user, organisation)
model, action = {
    "contract": (Contract, contract.sign), "statement": (Statement, statement.countersign)
}[job["noun"]]
thing = model.objects.get(pk=job["id"])
print("ready", flush=True)
sys.stdin.readline()
try:
    print(action(thing, **job["paper"], by=by).id)
except DomainError as refusal:
    print(refusal.code)
"""


def race(jobs):
    """Run one process per job, let them go together, and return what each said."""
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", RACER, json.dumps(job)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env=os.environ,
        )
        for job in jobs
    ]
    for racer in racers:
        assert racer.stdout.readline() == "ready\n"
    for racer in racers:
        racer.stdin.write("go\n")
        racer.stdin.flush()
    said = [racer.communicate(timeout=60)[0].strip() for racer in racers]
    assert [racer.returncode for racer in racers] == [0] * len(racers)
    return said


def job(deal, noun, thing, role, paper):
    """What one process does."""
    party = deal.seller if role == "seller" else deal.buyer
    return {"noun": noun, "id": thing.id, "organisation": party.id, "paper": paper}


def test_the_same_signature_many_times_at_once_counts_once(committed):
    deal = factory.make_verified()
    paper = deal.signature("seller")

    said = race([job(deal, "contract", deal.contract, "seller", paper)] * PROCESSES)

    row = Signature.objects.get(contract=deal.contract, role="seller")
    assert said == [row.id] * PROCESSES
    assert Grant.objects.filter(contract=deal.contract).count() == 1
    for kind, times in (("ContractSigned", 2), ("ContractFinalized", 1)):
        assert Event.objects.filter(type=f"contracts.{kind}").count() == times


def test_both_sides_at_once_countersign_one_statement_once(committed, monkeypatch):
    deal = factory.make_active()
    counted(monkeypatch, calls=3)
    statement = statements.draw_statement(deal.contract, by=deal.actor("seller"))
    papers = {role: factory.countersignature(deal, statement, role) for role in ("seller", "buyer")}

    said = race(
        [
            job(deal, "statement", statement, role, papers[role])
            for role in ("seller", "buyer") * (PROCESSES // 2)
        ]
    )

    rows = dict(StatementSignature.objects.values_list("role", "id"))
    assert set(said) == set(rows.values())
    assert len(rows) == 2
    statement.refresh_from_db()
    assert statement.state == "countersigned"
    for kind, times in (("StatementSigned", 2), ("StatementCountersigned", 1)):
        assert Event.objects.filter(type=f"contracts.{kind}").count() == times


def test_no_lease_appears_after_a_termination_under_way(committed):
    deal = factory.make_active()
    account = QuotaAccount.objects.get(contract=deal.contract, meter="rows.call")
    begun = threading.Event()

    def end():
        with transaction.atomic():
            grants.terminate(deal.contract, reason="…", by=deal.actor("seller"))
            begun.set()
            time.sleep(0.3)
        connection.close()

    ending = threading.Thread(target=end)
    ending.start()
    begun.wait(10)
    taken = quota.take(account, 5, holder="w", segment="one")
    ending.join()

    assert taken is None
    assert QuotaLease.objects.count() == 0
    account.refresh_from_db()
    assert (account.leased, account.used) == (0, 0)


@pytest.mark.postgresql
def test_recalling_does_not_wait_for_a_lease_that_is_being_drained(committed):
    deal = factory.make_active()
    first, second = (lease_of(deal.contract) for _number in range(2))
    draining, recalled = threading.Event(), threading.Event()

    def drain():
        with transaction.atomic():
            quota.credit({first: 1})
            draining.set()
            recalled.wait(20)
        connection.close()

    thread = threading.Thread(target=drain)
    thread.start()
    draining.wait(20)
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = 5000")
    counts = [quota.recall_all(deal.contract.id)]
    recalled.set()
    thread.join()
    counts.append(quota.recall_all(deal.contract.id))

    assert counts == [1, 1]
    states = dict(QuotaLease.objects.values_list("pk", "state"))
    assert states == {first: "recalled", second: "recalled"}


def lease_of(contract):
    """A lease of the contract's calls; its id."""
    return quota.lease(contract.id, "rows.call", holder="w", segment="one", workers=2).lease
