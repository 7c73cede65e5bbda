from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Membership, Organisation, SigningKey
from tests.factories.accounts import enrol, make_organisation, make_uscc, make_user

pytestmark = pytest.mark.django_db


def refused(write) -> bool:
    """Whether the database refuses a write."""
    try:
        with transaction.atomic():
            write()
    except IntegrityError:
        return True
    return False


def test_the_database_keeps_the_demonstration_flag_for_ever():
    rows = Organisation.objects.filter(pk=make_organisation(demo=True).pk)

    assert refused(lambda: rows.update(is_demo=False))
    assert refused(rows.delete)
    assert rows.get().is_demo is True


def test_the_database_keeps_what_a_key_was_enrolled_with():
    _private, key = enrol(make_organisation())
    rows = SigningKey.objects.filter(pk=key.pk)

    for changes in ({"public_key": "0" * 64}, {"signature": "0" * 128}):
        assert refused(lambda changes=changes: rows.update(**changes))
    assert rows.get().public_key == key.public_key


@pytest.mark.parametrize(
    "changes",
    [
        {"state": "blessed"},
        {"kind": "club"},
        {"state": "suspended"},
        {"state": "refused"},
        {"qualified_at": None},
        {"suspended_at": timezone.now()},
    ],
)
def test_the_database_repeats_the_law_of_states(changes):
    rows = Organisation.objects.filter(pk=make_organisation().pk)

    assert refused(lambda: rows.update(**changes))


def test_one_exchange_and_one_open_organisation_per_code_and_document():
    first = make_organisation()
    stored = {
        "name": "另一家",
        "uscc": make_uscc(),
        "kind": "enterprise",
        "region": "500103",
        "onboarding_sha256": "1" * 64,
        "applied_at": timezone.now(),
    }

    for changes in (
        {"kind": "exchange"},
        {"uscc": first.uscc},
        {"onboarding_sha256": first.onboarding_sha256},
    ):
        twin = Organisation(**{**stored, **changes})
        assert refused(lambda twin=twin: twin.save(force_insert=True))


def test_a_membership_is_open_once_and_ends_after_it_began():
    organisation, user, now = make_organisation(), make_user(), timezone.now()
    first = Membership.objects.create(user=user, organisation=organisation, since=now)

    assert refused(
        lambda: Membership.objects.create(user=user, organisation=organisation, since=now)
    )
    rows = Membership.objects.filter(pk=first.pk)
    assert refused(lambda: rows.update(until=now - timedelta(seconds=1)))
