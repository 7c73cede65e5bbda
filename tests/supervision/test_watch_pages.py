"""The regulator's pages and the exchange's settings: who sees them, what they record and change."""

import re
from datetime import timedelta
from unittest import mock

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.models import CalendarDay, Event
from core.time import CHINA
from marketplace.models import Zone
from registry.models import Certificate, DurationRule
from supervision.queries import verification
from supervision.queries.graphs import graph_of
from supervision.queries.trails import trail
from supervision.queries.verification import verified
from tallystick.digests import sha256_hex
from tests.factories.exchange import ROLES, make_session_client

pytestmark = pytest.mark.usefixtures("undone")
WATCH = "302 404 404 404 403 200 200"
PAGES = {
    "/supervision/": WATCH,
    "/supervision/trace/": WATCH,
    "/supervision/trace/{asset}": WATCH,
    "/supervision/trace/{order-active}?verify&all": WATCH,
    "/supervision/decisions/": WATCH,
    "/supervision/accesses/": WATCH,
    "/settings/": "302 404 404 404 200 200 404",
}


def filled(path, world):
    return re.sub(r"\{([\w-]+)\}", lambda found: world.ids[found[1]], path)


def text_of(reply):
    return reply.content.decode()


@pytest.fixture
def auditor(world):
    return make_session_client(world, "auditor")


@pytest.fixture
def administrator(world):
    return make_session_client(world, "administrator")


@pytest.mark.parametrize("path", PAGES)
def test_each_role_sees_what_it_may(world, path):
    found = [
        make_session_client(world, role).get(filled(path, world)).status_code for role in ROLES
    ]

    assert found == [int(status) for status in PAGES[path].split()]


@pytest.mark.parametrize("prefix", ["", "/en"])
@pytest.mark.parametrize(
    "path", ["/supervision/", "/supervision/trace/", "/supervision/decisions/",
             "/supervision/accesses/", "/settings/"]
)  # fmt: skip
def test_every_page_takes_few_queries_in_both_languages(world, administrator, path, prefix):
    with CaptureQueriesContext(connection) as asked:
        reply = administrator.get(prefix + path)

    assert reply.status_code == 200
    assert len(asked) <= 12, "\n".join(q["sql"][:160] for q in asked)


def test_a_trail_takes_the_same_queries_however_long(world, auditor):
    def asked(name):
        with CaptureQueriesContext(connection) as found:
            auditor.get(f"/supervision/trace/{world.ids[name]}?all")
        return len(found)

    assert asked("asset") <= asked("order-active") + 3


def test_a_code_leads_to_its_asset_and_an_unknown_id_says_so(world, auditor):
    code = world.ids["certificate"]
    asset = Certificate.objects.get(code=code).asset_id

    found = auditor.get("/supervision/trace/", {"ref": f" {code[:6].lower()} {code[6:]} "})
    unknown = auditor.get("/supervision/trace/ast_unknown")

    assert found["Location"] == f"/supervision/trace/{asset}"
    assert unknown.status_code == 404
    assert 'class="ts-empty"' in text_of(unknown)


def test_a_trace_is_recorded_and_stands_among_own_accesses(world, auditor):
    before = Event.objects.filter(type="supervision.TrailRead").count()

    shown = text_of(auditor.get(f"/supervision/trace/{world.ids['asset']}"))
    own = text_of(auditor.get("/supervision/accesses/"))

    assert Event.objects.filter(type="supervision.TrailRead").count() == before + 1
    assert f"/supervision/trace/{world.ids['asset']}" in own
    assert "<svg" in shown
    assert f"/supervision/trace/{world.ids['asset']}" in shown


def test_every_event_of_a_trail_is_verified_and_a_change_is_found(world):
    sound = verified(world.ids["asset"])
    event = Event.objects.filter(type="registry.CaseOpened").order_by("id")[0]
    ref = next(r for r in event.subjects.values_list("ref", flat=True) if r.startswith("ast_"))
    changed = verified_after_change(event, ref)

    assert sound.holds
    assert [link.tone for link in sound.links][2:] == ["jade", "jade", "amber"]
    assert changed.failed == {event.id}
    assert not changed.holds


def verified_after_change(event, ref):
    """The verification when one field of the event's stored body is another."""
    events, complete = verification.events_of(ref)
    for one in events:
        if one.id == event.id:
            one.body.fields["kind"]["value"] = "second"
    with mock.patch.object(verification, "events_of", return_value=(events, complete)):
        return verified(ref)


def test_the_drawing_joins_an_asset_with_what_was_made_of_it(world):
    lines = trail(world.ids["order-active"]).lines

    graph = graph_of(world.ids["order-active"], lines)

    kinds = {node.ref[:3] for node in graph.nodes}
    assert {"ord", "ctr"} <= kinds
    assert [node.tone for node in graph.nodes if node.ref == world.ids["order-active"]] == ["me"]
    assert graph.edges
    assert all(node.x + 148 <= graph.width for node in graph.nodes)


def test_the_evidence_is_carried_away_once_asked_for(world, auditor):
    ref = world.ids["certificate"]
    asset = Certificate.objects.get(code=ref).asset_id

    reply = auditor.post(f"/supervision/trace/{asset}/bundle")

    assert (reply.status_code, reply["Content-Type"]) == (200, "application/zip")
    assert reply["X-Bundle-SHA256"] == sha256_hex(reply.content)
    assert Event.objects.filter(type="supervision.EvidenceExported").count() == 1


@pytest.mark.parametrize("role", ["seller", "reviewer"])
def test_nobody_else_carries_evidence_away(world, role):
    before = Event.objects.count()

    reply = make_session_client(world, role).post(f"/supervision/trace/{world.ids['asset']}/bundle")

    assert reply.status_code in {403, 404}
    assert Event.objects.count() == before


def test_decisions_are_listed_filtered_and_downloaded(world, auditor):
    shown = text_of(auditor.get("/supervision/decisions/?type=registry.CaseRefused"))
    rows = auditor.get("/supervision/decisions/?format=csv")

    assert world.ids["case-refused"][-8:] in shown
    assert world.ids["case-issued"][-8:] not in shown
    assert world.ids["case-refused"] in b"".join(rows.streaming_content).decode()


def tomorrow(days=1):
    return timezone.now().astimezone(CHINA).date() + timedelta(days=days)


def settings_deeds(world):
    day = tomorrow(9).isoformat()
    return {
        "open_zone": {"name": "新专区", "scope": "测试", "exchange_bps": 100, "tax_bps": 600},
        "change_fees": {"zone": world.ids["zone"], "exchange_bps": 111, "tax_bps": 600},
        "set_duration": {"what": "L:review", "workdays": 8, "basis": "挂牌规则二",
                         "effective_from": day},
        "decide_day": {"day": day, "works": "no", "note": "系统演练"},
    }  # fmt: skip


@pytest.mark.parametrize("verb", ["open_zone", "change_fees", "set_duration", "decide_day"])
def test_each_setting_is_changed_once_by_administrators_alone(world, administrator, verb):
    fields = {"verb": verb, "intent": "one", **settings_deeds(world)[verb]}
    before = Event.objects.count()

    refused = make_session_client(world, "reviewer").post("/settings/", fields)
    unchanged = Event.objects.count()
    first = administrator.post("/settings/", fields)
    second = administrator.post("/settings/", fields)

    assert (refused.status_code, unchanged) == (403, before)
    assert (first.status_code, second.status_code) == (302, 302)
    assert Event.objects.count() == before + 1


def test_the_past_is_refused_at_its_field(world, administrator):
    today = tomorrow(0).isoformat()
    wanted = settings_deeds(world)["set_duration"] | {"effective_from": today}
    before = Event.objects.count(), DurationRule.objects.count(), CalendarDay.objects.count()

    late = administrator.post("/settings/", {"verb": "set_duration", "intent": "a", **wanted})
    gone = administrator.post(
        "/settings/",
        {"verb": "decide_day", "intent": "b", "day": today, "works": "no", "note": "x"},
    )

    assert (late.status_code, gone.status_code) == (422, 422)
    assert 'id="set_duration-effective_from_error"' in text_of(late)
    assert (
        Event.objects.count(), DurationRule.objects.count(), CalendarDay.objects.count()
    ) == before  # fmt: skip


def test_the_month_shows_what_was_decided(world, administrator):
    day = tomorrow(40)
    administrator.post(
        "/settings/",
        {"verb": "decide_day", "intent": "a", "day": day, "works": "no", "note": "系统演练日"},
    )

    shown = text_of(administrator.get(f"/settings/?month={day:%Y-%m}"))
    far = administrator.get("/settings/?month=9999-99")

    assert "系统演练日" in shown
    assert far.status_code == 200


def test_hostile_texts_of_zones_are_shown_inert(world, administrator):
    Zone.objects.filter(pk=world.ids["zone"]).update(scope="<img src=x onerror=alert(1)>")

    assert "<img src=x" not in text_of(administrator.get("/settings/"))
