"""What happened to a thing: only the events that have words, in order, with their reason."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import actions
from core.history import Word, history
from tests.factories import accounts

pytestmark = pytest.mark.django_db
WORDS = {
    "accounts.AdmissionApplied": Word("applied"),
    "accounts.OrganisationSuspended": Word("suspended", "reason", "bad"),
}


def test_events_with_words_are_told_in_order(django_assert_num_queries):
    began = timezone.now() - timedelta(days=3)
    organisation = accounts.make_buyer(now=began)
    accounts.make_buyer()
    actions.suspend(organisation, reason="原因。", by=accounts.make_reviewer())

    with django_assert_num_queries(1):
        told = history(organisation.pk, WORDS)

    assert [(m.title, m.text, m.tone) for m in told] == [
        ("applied", "", ""),
        ("suspended", "原因。", "bad"),
    ]
    assert told[0].at == began < told[1].at
