"""Real processes that hand over the same file at the same moment: one deposit, one object."""

from pathlib import Path

import pytest
from django.conf import settings as django_settings

from core.models import Event
from delivery import actions
from delivery.models import Deposit
from tests.factories import delivery
from tests.marketplace.test_race import at_once

pytestmark = pytest.mark.postgresql


def test_one_file_deposited_many_times_at_once_stands_once(committed, tmp_path):
    path = delivery.make_csv(tmp_path)
    certificate = delivery.make_registered(path)
    holder = delivery.holder_of(certificate)

    def deposit():
        actions.deposit(certificate.version, iter([path.read_bytes()]), by=holder)

    found = at_once([deposit] * 6)

    assert found == ["done"] * 6
    assert Event.objects.filter(type="delivery.FileDeposited").count() == 1
    objects = [p for p in Path(django_settings.OBJECT_DIR).rglob("*") if p.is_file()]
    assert [p.name for p in objects] == [Deposit.objects.get().object]
