"""The clock's lane: one process at a time, on the demonstration's real file."""

from pathlib import Path

import pytest

from core import leases
from core.models import Lease
from registry import lanes, queries
from tests.factories.registry import Story, make_exchange_key

pytestmark = pytest.mark.django_db
FILE = Path(__file__).parents[2] / "demo" / "data" / "chongqing_divisions_2023.csv"


def test_the_lane_issues_the_certificate_of_the_real_file():
    make_exchange_key()
    story = Story(path=FILE)
    story.to("publicity")

    assert lanes.clock() == 1
    assert lanes.clock() == 0

    page = queries.certificate_page(story.case.certificate.code)
    assert dict(page.digests)["SHA-256"] == (
        "200c3db32d81cd89eafc33e077247aa5672689bc475b5d82bde5c2a3328fe332"
    )
    assert (page.row_count, len(page.columns), page.chunk_count) == (11_270, 9, 18)
    assert page.size_bytes == 1_143_157
    assert story.case.possession_method == "challenge"


def test_the_lane_rests_while_another_process_has_the_seat():
    make_exchange_key()
    Story().to("publicity")
    leases.take(lanes.SEAT, holder="elsewhere")

    assert lanes.clock() == 0

    assert Lease.objects.get(name=lanes.SEAT).holder == "elsewhere"
