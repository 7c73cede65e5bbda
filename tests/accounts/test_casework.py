"""Applications for admission are taken on, written about and checked."""

import pytest

from accounts import actions
from accounts.states import OrganisationState
from core.casework import remarks_on
from core.errors import Conflict, NotAllowed, NotFound, WrongState
from core.models import Event
from tests.factories import accounts

pytestmark = pytest.mark.django_db


def test_who_took_an_application_on_decides_it():
    applicant, first, second = (
        accounts.make_applicant(),
        accounts.make_reviewer(),
        accounts.make_reviewer(),
    )
    actions.claim(applicant, by=first)
    before = Event.objects.count()

    with pytest.raises(NotAllowed):
        actions.admit(applicant, by=second)
    with pytest.raises(NotAllowed):
        actions.check_item(applicant, item="kind", result="pass", by=second)
    with pytest.raises(NotAllowed):
        actions.release(applicant, by=second)

    assert Event.objects.count() == before
    actions.release(applicant, by=first)
    actions.admit(applicant, by=second)
    assert applicant.state == OrganisationState.QUALIFIED


def test_what_is_not_in_order_stops_the_admission():
    applicant, by = accounts.make_applicant(), accounts.make_reviewer()
    actions.check_item(applicant, item="authority", result="fail", text="缺授权书", by=by)

    with pytest.raises(Conflict):
        actions.admit(applicant, by=by)
    actions.check_item(applicant, item="authority", result="na", by=by)
    actions.admit(applicant, by=by)

    with pytest.raises(WrongState):
        actions.claim(applicant, by=by)
    with pytest.raises(WrongState):
        actions.check_item(applicant, item="kind", result="pass", by=by)


def test_the_applicant_and_staff_write_to_each_other():
    applicant, staff = accounts.make_applicant(), accounts.make_reviewer()
    own = accounts.actor_of(applicant)
    actions.remark(applicant, text="请补授权书", outward=True, by=staff)
    actions.remark(applicant, text="内部", outward=False, by=staff)
    actions.remark(applicant, text="已补", outward=True, by=own)

    stranger = accounts.actor_of(accounts.make_buyer())
    with pytest.raises(NotFound):
        actions.remark(applicant, text="路过", outward=True, by=stranger)

    assert [r.text for r in remarks_on(applicant.pk, applicant.pk)] == ["请补授权书", "已补"]
