"""What a request has cost, and what its refusal has left."""

import json

from contracts.models import QuotaAccount, UsageEvent
from delivery.actions import drain
from delivery.models import AccessDecision


def used(gateway):
    """Units used by meter once everything is drained and every lease given back."""
    for held in gateway.gateway.journal.leases():
        gateway.gateway.journal.give_back(held)
    gateway.gateway.journal.close_retired()
    drain()
    return dict(QuotaAccount.objects.values_list("meter", "used"))


def refused(gateway, reply, status, code):
    """The reply is this refusal, it is recorded, and nothing was spent."""
    body = json.loads(reply.body)
    assert (reply.status, body["code"]) == (status, code)
    assert reply.headers["Content-Type"] == "application/problem+json"
    assert set(used(gateway).values()) == {0}
    assert AccessDecision.objects.get(pk=body["decision"]).code == code
    assert UsageEvent.objects.count() == 0
    return body
