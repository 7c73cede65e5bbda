"""Replies that follow later: after the disk, in the order of the groups, or as a refusal."""

import json
import threading

import pytest

from contracts.models import UsageEvent
from delivery import spool
from delivery.actions import drain
from delivery.gateway.journal import Journal
from delivery.gateway.later import SENT_LATER
from delivery.gateway.serving import answering
from delivery.spool import COMPLETION, INTENT, Drained, Segment
from tests.delivery.gateway.outcomes import used

pytestmark = pytest.mark.django_db
KEY = ("ctr_1", "rows.call")


class Protocol:
    """What granian hands over with a request: remembers what was sent."""

    def __init__(self):
        self.sent = []
        self.pieces = b""

    def response_bytes(self, status, headers, body):
        self.sent.append((status, dict(headers), body))

    def response_iter(self, status, headers, body):
        self.sent.append((status, dict(headers), b"".join(iter(body.__next__, None))))


class Answer:
    """A reply to a call, and when it came: how many syncs there had been."""

    def __init__(self, syncs):
        self.syncs, self.seen, self.refused = syncs, None, False

    def deliver(self, call):
        self.seen = len(self.syncs)
        return 7

    def refuse(self):
        self.refused = True


@pytest.fixture
def ask(gateway, token):
    """Ask the gateway as granian does."""

    def ask(path, **headers):
        protocol = Protocol()
        address, _mark, query = path.partition("?")
        environ = {
            "REQUEST_METHOD": "GET",
            "PATH_INFO": address,
            "QUERY_STRING": query,
            "HTTP_X_PURPOSE": "%E5%9F%8E%E5%B8%82%E8%A7%84%E5%88%92",
            "HTTP_AUTHORIZATION": f"Bearer {token}",
        }
        answering(gateway.gateway)(protocol, environ | headers)
        return protocol

    return ask


@pytest.fixture
def journal(tmp_path):
    journal = Journal(lambda: Segment(tmp_path, 64))
    journal.add("lea_1", KEY, 20)
    return journal


@pytest.fixture
def syncs(journal):
    return counted(journal)


def counted(journal):
    """Count the syncs of the journal's present segment."""
    done, original = [], journal.segment.sync

    def sync():
        original()
        done.append(1)

    journal.segment.sync = sync
    return done


def kinds(segment):
    reader = Drained(segment.path)
    found = [r.kind for r in spool.unpack(reader.read(0, 1 << 20)) if r is not None]
    reader.close()
    return found


def test_a_priced_page_is_sent_only_after_the_sync(gateway, ask, rows):
    journal = gateway.gateway.journal
    syncs = counted(journal)

    protocol = ask(f"{rows}?limit=1")
    assert (protocol.sent, syncs) == ([], [])
    assert [held.flying for held in journal.leases()] == [1]
    assert journal.commit(0) is True

    ((status, headers, body),) = protocol.sent
    assert (status, syncs) == (200, [1])
    assert json.loads(body)["usage"]["unused"] == 999
    assert headers["RateLimit"].startswith('"rows.call";r=999;t=')
    assert [held.flying for held in journal.leases()] == [0]
    assert used(gateway) == {"rows.call": 1, "file.bytes": 0}
    event = UsageEvent.objects.get(id=headers["X-Decision"])
    assert (event.state, event.units, event.bytes) == ("completed", 1, len(body))


def test_the_same_bytes_come_later_as_at_once(gateway, ask, rows, token):
    at_once = gateway.get(f"{rows}?limit=2", token)

    protocol = ask(f"{rows}?limit=2")
    gateway.gateway.journal.commit(0)

    ((status, headers, body),) = protocol.sent
    assert set(headers) == set(at_once.headers)
    assert json.loads(body)["rows"] == json.loads(at_once.body)["rows"]
    assert (status, headers["Content-Length"]) == (at_once.status, str(len(body)))


def test_refusals_and_files_are_sent_at_once(gateway, ask, rows, file):
    refusal, whole = ask(f"{rows}?colour=red"), ask(file)

    assert refusal.sent[0][0] == 400
    assert json.loads(refusal.sent[0][2])["code"] == "filter-unknown"
    assert (whole.sent[0][0], len(whole.sent[0][2])) == (
        200,
        int(whole.sent[0][1]["Content-Length"]),
    )
    assert gateway.gateway.journal.commit(0) is False


def test_a_disk_that_fails_sends_no_row(gateway, ask, rows, monkeypatch):
    def fail():
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(gateway.gateway.journal.segment, "sync", fail)
    protocol = ask(f"{rows}?limit=1", HTTP_ACCEPT_LANGUAGE="en")
    gateway.gateway.journal.commit(0)
    after = ask(f"{rows}?limit=1")

    for sent in (protocol.sent, after.sent):
        ((status, headers, body),) = sent
        assert (status, json.loads(body)["code"]) == (503, "spool-failed")
        assert headers["Retry-After"] == "1"
    assert gateway.gateway.journal.broken


def test_a_reply_that_cannot_be_sent_leaves_an_indeterminate_call(gateway, ask, rows, caplog):
    journal = gateway.gateway.journal

    def broken_off(*_reply):
        raise RuntimeError("the server is gone")

    ask(f"{rows}?limit=1")
    _call, reply = journal._due[0].replies[0]
    reply.send = broken_off
    other = ask(f"{rows}?limit=1")
    journal.commit(0)
    segment = journal.segment
    journal.exchange()
    segment.close()
    journal._closing.clear()
    drain()

    assert len(other.sent) == 1
    assert "could not be sent" in caplog.text
    states = UsageEvent.objects.order_by("state").values_list("state", flat=True)
    assert list(states) == ["completed", "indeterminate"]


def test_one_sync_serves_all_that_came_before_it(journal, syncs):
    answers = [Answer(syncs) for _ in range(5)]
    for answer in answers:
        journal.spend_later(KEY, 1, "key_1", answer)

    assert journal.commit(0) is True
    assert journal.commit(0) is False

    assert [answer.seen for answer in answers] == [1] * 5
    assert kinds(journal.segment) == [INTENT] * 5 + [COMPLETION] * 5


def test_who_comes_during_a_sync_waits_for_the_next(journal):
    syncs, late = [], Answer([])
    original = journal.segment.sync

    def sync():
        if not syncs:
            journal.spend_later(KEY, 1, "key_1", late)
        original()
        syncs.append(1)

    late.syncs = syncs
    journal.segment.sync = sync
    early = Answer(syncs)
    journal.spend_later(KEY, 1, "key_1", early)

    journal.commit(0)
    assert (early.seen, late.seen) == (1, None)
    journal.commit(0)
    assert late.seen == 2


def test_a_group_is_synced_in_the_segment_in_which_it_stands(journal):
    old, synced = journal.segment, []
    old.sync = lambda: synced.append("old")
    answer = Answer([])
    journal.spend_later(KEY, 1, "key_1", answer)

    journal.exchange()
    journal.segment.sync = lambda: synced.append("new")
    journal.commit(0)

    assert synced == ["old"]
    assert answer.seen == 0
    assert kinds(old) == [INTENT, COMPLETION]


def test_a_background_sync_that_meets_an_exchange_syncs_the_segment_of_its_group(journal):
    old, synced = journal.segment, []
    old.sync = lambda: synced.append("old")
    journal.complete(journal.spend(KEY, 1, "key_1"), 1, 1)
    led = journal._lead

    def exchange_first(group):
        journal.exchange()
        journal.segment.sync = lambda: synced.append("new")
        led(group)

    journal._lead = exchange_first
    journal.sync()

    assert synced == ["old"]


def test_replies_and_waiting_threads_share_a_sync(journal, syncs):
    answer = Answer(syncs)
    call = journal.spend(KEY, 1, "key_1", waits=True)
    journal.spend_later(KEY, 1, "key_1", answer)

    journal.make_durable(call)

    assert (answer.seen, len(syncs)) == (1, 1)
    assert journal.commit(0) is False


def test_many_threads_and_one_that_commits_lose_nothing(tmp_path):
    journal = Journal(lambda: Segment(tmp_path, 8192))
    journal.add("lea_1", KEY, 1000)
    stop, answers = threading.Event(), []

    def commit():
        while not stop.is_set() or journal._due:
            journal.commit(0.05)

    def spend():
        for _ in range(125):
            answer = Answer([])
            journal.spend_later(KEY, 1, "key_1", answer)
            answers.append(answer)

    committer = threading.Thread(target=commit)
    committer.start()
    spenders = [threading.Thread(target=spend) for _ in range(8)]
    for thread in spenders:
        thread.start()
    for thread in spenders:
        thread.join()
    stop.set()
    committer.join()

    assert len(answers) == 1000
    assert all(answer.seen is not None for answer in answers)
    assert sorted(kinds(journal.segment)) == [INTENT] * 1000 + [COMPLETION] * 1000
    assert journal.spent(KEY) == 1000


def test_a_record_before_its_names_is_the_record_that_pack_makes():
    what = (INTENT, bytes(range(16)), 3, 4, 5, 6)
    texts = (b"lea_1", b"ctr_1", b"key_1", b"rows.call")

    assert spool.pack_before(spool.names(*texts), what) == spool.pack((*what, *texts, b""))


def test_without_such_a_server_the_thread_waits(gateway, rows, token):
    reply = gateway.get(f"{rows}?limit=1", token)

    assert (reply.status, SENT_LATER) == (200, [])
    assert gateway.gateway.journal.commit(0) is False
