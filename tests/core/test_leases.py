"""One holder at a time; a seat that changed hands fences the old holder off."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from core.errors import Conflict
from core.leases import check_fence, release, release_all, take
from core.models import Lease

pytestmark = pytest.mark.django_db


def test_one_holder_at_a_time_and_renewal_keeps_the_number():
    assert take("seat", holder="a") == 1
    assert take("seat", holder="b") is None
    assert take("seat", holder="a") == 1


def test_a_released_seat_changes_hands_with_a_new_number():
    take("seat", holder="a")

    release("seat", holder="a")

    assert take("seat", holder="b") == 2


def test_an_expired_holder_is_fenced_off():
    old = take("seat", holder="a", term=timedelta(seconds=-1))
    new = take("seat", holder="b")

    with transaction.atomic():
        check_fence("seat", new)
    with pytest.raises(Conflict) as caught, transaction.atomic():
        check_fence("seat", old)
    assert caught.value.data == {"name": "seat", "fence": 1}


def test_nobody_releases_anothers_seat():
    take("seat", holder="a")

    release("seat", holder="b")

    assert take("seat", holder="b") is None


def test_a_fresh_seat_is_kept_without_a_write_and_a_stale_one_renewed():
    take("seat", holder="a")
    fresh = timezone.now() + timedelta(seconds=10)
    Lease.objects.update(expires_at=fresh)

    take("seat", holder="a")
    assert Lease.objects.get().expires_at == fresh
    Lease.objects.update(expires_at=timezone.now() + timedelta(seconds=5))
    take("seat", holder="a")
    assert Lease.objects.get().expires_at > fresh


def test_a_process_gives_up_all_its_seats_and_no_others():
    for name in ("one", "two"):
        take(name, holder="a")
    take("other", holder="b")

    release_all(holder="a")

    assert [take(name, holder="c") for name in ("one", "two", "other")] == [2, 2, None]
