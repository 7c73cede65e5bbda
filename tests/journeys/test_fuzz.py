"""The API under generated requests: no fault, no answer that its schema does not know.

FUZZ_EXAMPLES requests for each operation and role (50), FUZZ_ROLES a list of roles or
`all` ("seller,reviewer"), FUZZ_SEED another seed than the usual one.
"""

import os

import pytest
import yaml
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, connection, transaction
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.factories.exchange import ROLES
from tests.house.source import ROOT

SCHEMA = ROOT / "docs/reference/openapi.yaml"
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "50"))
WANTED = os.environ.get("FUZZ_ROLES", "seller,reviewer")
CALLERS = ROLES if WANTED == "all" else tuple(WANTED.split(","))
SEED = int(os.environ.get("FUZZ_SEED", "20261122"))
VERBS = ("get", "post", "put", "patch", "delete")
OPERATIONS = [
    (verb, path)
    for path, verbs in yaml.load(SCHEMA.read_text(), yaml.CSafeLoader)["paths"].items()
    for verb in verbs
    if verb in VERBS
]
# What the names in paths stand for: beginnings of the names of the prepared world's things.
THINGS = {
    "account_id": "wallet",
    "asset_id": "asset",
    "case_id": "case-",
    "code": "certificate",
    "contract_id": "contract-",
    "encumbrance_id": "bound",
    "event_id": "event",
    "invitation_id": "invitation",
    "key_id": ("api-key", "seller-key", "buyer-key"),
    "objection_id": "objection",
    "order_id": "order-",
    "organisation_id": ("seller", "buyer", "service", "applicant", "suspended"),
    "plan_id": "plan-",
    "product_id": "product-",
    "ref": ("asset", "contract-active", "certificate"),
    "scenario_id": "scenario-",
    "statement_id": "statement",
    "user_id": "clerk",
    "version_id": ("version", "deposited"),
}
pytestmark = [pytest.mark.postgresql, pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def api():
    """The committed schema, bound to the site's own WSGI application.

    Its requests run in the test's transaction and so must leave the connection open.
    """
    import schemathesis

    from config.wsgi import application

    schema = schemathesis.openapi.from_path(SCHEMA)
    schema.app = application
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield schema
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def requests_to(operation):
    """Requests that fit the operation's schema, and such as do not where something can misfit."""
    from schemathesis import GenerationMode

    fitting = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    if not (operation.body or operation.query or operation.headers):
        return fitting
    return fitting | operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)


def real_ids(world, name):
    """Ids of the prepared world that this path parameter could carry."""
    found = [value for thing, value in world.ids.items() if thing.startswith(THINGS[name])]
    return sorted(found)


@pytest.mark.parametrize(
    "role", [pytest.param(r, marks=pytest.mark.xdist_group(f"fuzz-{r}")) for r in CALLERS]
)
@pytest.mark.parametrize(("verb", "path"), OPERATIONS, ids=lambda value: value)
def test_no_fault_and_no_unknown_answer(world, api, role, verb, path):
    from schemathesis.checks import not_a_server_error
    from schemathesis.specs.openapi.checks import (
        content_type_conformance,
        response_schema_conformance,
        status_code_conformance,
    )

    operation = api[path][verb.upper()]
    checks = [
        not_a_server_error,
        status_code_conformance,
        content_type_conformance,
        response_schema_conformance,
    ]
    token = world.tokens.get(role)
    headers = {"Authorization": f"Bearer {token}"} if token else {}

    @seed(SEED)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=requests_to(operation), data=st.data())
    def call(case, data):
        for name in case.path_parameters or {}:
            if data.draw(st.booleans(), label="a real id"):
                case.path_parameters[name] = data.draw(st.sampled_from(real_ids(world, name)))
        with transaction.atomic():
            reply = case.call(headers=headers)
            if reply.status_code < 400:
                connection.check_constraints()
            transaction.set_rollback(True)
        case.validate_response(reply, checks=checks)

    call()
