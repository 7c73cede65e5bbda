"""Whatever a regulator reads through the API and is not public is recorded, in one place."""

import pytest

from accounts.states import Role
from core.models import Event
from supervision.events import RecordRead
from tests.factories import accounts
from tests.factories import contracts as deals
from tests.factories.marketplace import make_stall, make_trade
from tests.supervision.test_api import BASE, caller

pytestmark = pytest.mark.django_db


@pytest.fixture
def office():
    return accounts.make_regulator()


@pytest.fixture
def regulator(office):
    return caller(accounts.actor_of(office))


def reads():
    """Every recorded read, oldest first."""
    return list(Event.objects.filter(type=RecordRead.TYPE).order_by("pk"))


def said(event, name):
    return event.body.fields[name]["value"]


def test_reading_a_contract_an_order_and_a_product_is_recorded(office, regulator):
    trade = make_trade()
    draft = make_stall()
    draft.submit()
    things = {
        f"{BASE}/contracts/{trade.order.contract_id}": trade.order.contract_id,
        f"{BASE}/orders/{trade.order.pk}": trade.order.pk,
        f"{BASE}/products/{draft.product.pk}": draft.product.pk,
    }

    answers = [regulator.get(address).status_code for address in things]

    found = reads()
    assert answers == [200, 200, 200]
    assert [said(event, "address") for event in found] == list(things)
    assert [said(event, "shown") for event in found] == [[ref] for ref in things.values()]
    assert {event.subject for event in found} == {office.pk}
    for event, ref in zip(found, things.values(), strict=True):
        assert set(event.subjects.values_list("ref", flat=True)) == {office.pk, ref}


def test_a_list_names_everything_that_it_showed(regulator):
    made = [deals.make_deal().contract.pk for _ in range(3)]

    regulator.get(f"{BASE}/contracts?limit=2")

    (event,) = reads()
    assert said(event, "address") == f"{BASE}/contracts?limit=2"
    assert said(event, "shown") == sorted(made, reverse=True)[:2]


def test_the_regulator_sees_its_own_accesses_and_no_others(office, regulator):
    deal = deals.make_deal()
    other = caller(accounts.actor_of(accounts.make_regulator()))
    regulator.get(f"{BASE}/contracts/{deal.contract.pk}")
    regulator.get(f"{BASE}/trails/{deal.contract.pk}")
    other.get(f"{BASE}/contracts")

    lines = regulator.get(f"{BASE}/accesses").json()["results"]

    assert [(line["type"], line["refs"]) for line in lines] == [
        ("supervision.TrailRead", [deal.contract.pk]),
        ("supervision.RecordRead", [deal.contract.pk]),
    ]
    assert lines[1]["address"] == f"{BASE}/contracts/{deal.contract.pk}"


def test_a_trail_is_recorded_once_and_public_reads_not_at_all(regulator):
    deal = deals.make_deal()

    regulator.get(f"{BASE}/trails/{deal.contract.pk}")
    regulator.get(f"{BASE}/trust")
    regulator.get(f"{BASE}/accesses")

    assert reads() == []
    assert Event.objects.filter(type="supervision.TrailRead").count() == 1


def test_what_was_not_shown_was_not_read(regulator):
    missing = regulator.get(f"{BASE}/contracts/ctr_{'0' * 26}")

    assert (missing.status_code, reads()) == (404, [])


@pytest.mark.parametrize("side", ["buyer", "reviewer"])
def test_nobody_else_s_reads_are_recorded(side):
    deal = deals.make_deal()
    actor = deal.actor("buyer") if side == "buyer" else accounts.make_reviewer()

    answer = caller(actor).get(f"{BASE}/contracts/{deal.contract.pk}")

    assert (answer.status_code, reads()) == (200, [])


def test_every_member_of_a_regulator_is_recorded_whatever_the_role(office):
    deal = deals.make_deal()
    member = caller(accounts.make_member(office, Role.TRADER))

    answer = member.get(f"{BASE}/contracts/{deal.contract.pk}")

    assert (answer.status_code, len(reads())) == (200, 1)


def test_where_the_read_cannot_be_recorded_nothing_is_shown(regulator, monkeypatch):
    deal = deals.make_deal()

    def refuse(*_args, **_options):
        raise RuntimeError("no event today")

    monkeypatch.setattr("supervision.actions.record", refuse)
    regulator.raise_request_exception = False

    answer = regulator.get(f"{BASE}/contracts/{deal.contract.pk}")

    assert answer.status_code == 500
    assert deal.contract.digest.encode() not in answer.content
