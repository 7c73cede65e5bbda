"""The log's page shows what the log publishes and nothing else."""

import pytest
from django.test import Client

from core.models import Event
from ledger.models import Leaf
from ledger.queries import latest_checkpoint
from tests.factories import supervision

pytestmark = pytest.mark.django_db


def test_an_empty_log_says_so():
    page = Client().get("/log").content.decode()

    assert "日志还是空的。" in page
    assert "还没有签名的检查点。" in page


def test_the_log_shows_its_note_anchors_and_leaves_and_turns_pages(
    tmp_path, django_assert_max_num_queries
):
    supervision.make_world()
    supervision.open_log(tmp_path).anchor()
    size = Leaf.objects.count()
    assert size > 25

    with django_assert_max_num_queries(12):
        page = Client().get("/log").content.decode()
    older = Client().get(f"/log?from={size - 26}").content.decode()

    newest, earlier = (bytes(Leaf.objects.get(pk=n).leaf_hash).hex() for n in (size - 1, size - 26))
    assert latest_checkpoint().note.splitlines()[2] in page
    assert "本地链，不增加独立信任" in page
    assert (newest in page, earlier in page) == (True, False)
    assert (newest in older, earlier in older) == (False, True)
    assert f'href="?from={size - 26}#entries"' in page
    for event in Event.objects.all()[:50]:
        assert event.type not in page
        assert event.subject not in page


@pytest.mark.parametrize("asked", ["x", "-1", "9" * 30, "1e3"])
def test_a_strange_beginning_shows_the_newest(asked):
    assert Client().get("/log", {"from": asked}).status_code == 200
