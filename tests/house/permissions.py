"""Who may do what: every method of every route under /api/v1, with the status each role gets.

A row's statuses stand in the order of `ROLES`: visitor, seller, buyer, stranger, reviewer,
administrator, auditor. The things named are the seller's, and those of its deals the
buyer's too; a stranger has no part in any. What may not be seen is 404; what may be seen
but not done is 403.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils import timezone

from tests.factories.exchange import ROLES, Exchange

Body = Callable[[Exchange, str], Any]


@dataclass(frozen=True)
class Row:
    """One method of one route: statuses by role, the things in its path, its body.

    `person` says that it is for signed-in people; every other row is called with API keys.
    """

    expected: dict[str, int]
    things: tuple[str, ...]
    body: Body | None
    person: bool
    query: str


def row(
    statuses: str,
    *things: str,
    body: Body | dict[str, Any] | None = None,
    person: bool = False,
    query: str = "",
) -> Row:
    """A row of the grid."""
    expected = dict(zip(ROLES, map(int, statuses.split()), strict=True))
    made = (lambda _world, _role: body) if isinstance(body, dict) else body
    return Row(expected, things, made, person, query)


def part(name: str) -> Body:
    """A body that the prepared world holds."""
    return lambda world, _role: world.parts[name]


def signed_by_caller(name: str) -> Body:
    """The paper signed by the side that calls; by the seller where no side does."""
    return lambda world, role: world.parts[name].get(role, world.parts[name]["seller"])


NONE: dict[str, Any] = {}
REASON = {"reason": "测试原因。"}
DOCUMENT = {"authority": "示例法院", "document_sha256": "cd" * 32}
OBJECTION = {"ground": "dispute", "text": "数据由我方采集。", "evidence_sha256": "cd" * 32}
CHECK = {"gate": "G4", "result": "pass", "evidence": "示例材料"}
PLAN = {"name": "按次二", "unit_price_fen": 5, "quota_min": 1, "quota_max": 10, "file_bytes": 10**7}
SCENARIO = {"purpose": "学术研究", "summary": "统计。", "prohibited_uses": ["转售"]}
ZONE = {"name": "新专区", "scope": "测试。", "exchange_bps": 300, "tax_bps": 600}


def application(world: Exchange, _role: str) -> dict[str, Any]:
    """An applicant's body."""
    return {
        "name": "示例新企业",
        "uscc": world.parts["uscc"],
        "kind": "enterprise",
        "region": "500103",
        "onboarding_sha256": "ef" * 32,
    }


def description(world: Exchange, _role: str) -> dict[str, Any]:
    """A product's description."""
    return {
        "name": "示例产品",
        "overview": "按区县查询。",
        "offers_file": False,
        "policy": world.parts["policy"],
        "service": world.ids["service"],
        "service_bps": 500,
    }


def product(world: Exchange, role: str) -> dict[str, Any]:
    """A product on the seller's second asset."""
    placed = {"asset": world.ids["asset-bare"], "zone": world.ids["zone"]}
    return description(world, role) | placed


def api_key(_world: Exchange, _role: str) -> dict[str, Any]:
    """A key for a day."""
    moment = timezone.now() + timedelta(days=1)
    return {"label": "测试", "scopes": ["read"], "expires_at": moment.isoformat()}


PUBLIC = "200 200 200 200 200 200 200"
GRID: dict[tuple[str, str], Row] = {
    # Oneself.
    ("GET", "schema"): row(PUBLIC),
    ("GET", "docs"): row(PUBLIC),
    ("GET", "me"): row("401 200 200 200 200 200 200"),
    ("GET", "me/invitations"): row("401 200 200 200 200 200 200"),
    ("POST", "me/invitations/{invitation_id}/accept"): row(
        "401 404 404 200 404 404 404", "invitation", person=True, body=NONE
    ),
    ("POST", "me/invitations/{invitation_id}/refuse"): row(
        "401 404 404 200 404 404 404", "invitation", person=True, body=NONE
    ),
    ("POST", "me/organisation"): row(
        "401 200 404 404 404 404 404",
        person=True,
        body=lambda w, _role: {"organisation": w.ids["seller"]},
    ),
    ("GET", "api-keys"): row("401 200 200 200 200 200 200"),
    ("POST", "api-keys"): row("401 201 201 201 201 201 201", person=True, body=api_key),
    ("POST", "api-keys/{key_id}/revoke"): row("401 200 404 404 404 404 404", "api-key", body=NONE),
    ("POST", "signing-keys/{key_id}/revoke"): row(
        "401 200 404 404 200 200 403", "seller-key", body=REASON
    ),
    # Organisations.
    ("GET", "organisations"): row("401 200 200 200 200 200 200"),
    ("POST", "organisations"): row("401 201 201 201 201 201 201", person=True, body=application),
    ("GET", "organisations/{organisation_id}"): row("401 200 404 404 200 200 200", "seller"),
    ("POST", "organisations/{organisation_id}/admit"): row(
        "401 404 404 404 200 200 403", "applicant", body=NONE
    ),
    ("POST", "organisations/{organisation_id}/refuse"): row(
        "401 404 404 404 200 200 403", "applicant", body=REASON
    ),
    ("POST", "organisations/{organisation_id}/suspend"): row(
        "401 403 404 404 200 200 403", "seller", body=REASON
    ),
    ("POST", "organisations/{organisation_id}/reinstate"): row(
        "401 404 404 404 200 200 403", "suspended", body=NONE
    ),
    ("GET", "organisations/{organisation_id}/members"): row(
        "401 200 404 404 200 200 200", "seller"
    ),
    ("POST", "organisations/{organisation_id}/members"): row(
        "401 201 404 404 403 403 403",
        "seller",
        body=lambda w, _role: {"email": w.parts["clerk-email"], "roles": ["trader"]},
    ),
    ("GET", "organisations/{organisation_id}/invitations"): row(
        "401 200 404 404 200 200 200", "seller"
    ),
    ("POST", "organisations/{organisation_id}/invitations"): row(
        "401 201 404 404 403 403 403",
        "seller",
        body=lambda w, _role: {"email": w.parts["email"], "roles": ["trader"]},
    ),
    ("POST", "organisations/{organisation_id}/invitations/{invitation_id}/withdraw"): row(
        "401 200 404 404 403 403 403", "seller", "invitation", body=NONE
    ),
    ("POST", "organisations/{organisation_id}/members/{user_id}/remove"): row(
        "401 200 404 404 403 403 403", "seller", "clerk", body=NONE
    ),
    ("POST", "organisations/{organisation_id}/declare-interest"): row(
        "401 201 404 404 201 201 201", "seller", body=NONE
    ),
    ("POST", "organisations/{organisation_id}/key-challenges"): row(
        "401 201 404 404 403 403 403",
        "seller",
        body=lambda w, _role: {"public_key": w.parts["public-key"]},
    ),
    ("GET", "organisations/{organisation_id}/signing-keys"): row(
        "401 200 404 404 200 200 200", "seller"
    ),
    ("POST", "organisations/{organisation_id}/signing-keys"): row(
        "401 201 404 404 403 403 403", "seller", body=part("enrolment")
    ),
    # Money.
    ("GET", "money-accounts"): row("401 200 200 200 200 200 200"),
    ("GET", "money-accounts/{account_id}"): row("401 404 200 404 200 200 200", "wallet"),
    ("GET", "money-accounts/{account_id}/transfers"): row("401 404 200 404 200 200 200", "wallet"),
    ("POST", "wallets/{organisation_id}/top_up"): row(
        "401 404 403 404 403 200 403", "buyer", body={"amount_fen": 100}
    ),
    # Registration.
    ("GET", "registrations"): row("401 200 200 200 200 200 200"),
    ("POST", "registrations"): row("401 201 201 201 403 403 403", body=part("application")),
    ("GET", "registrations/{case_id}"): row("401 200 404 404 200 200 200", "case-submitted"),
    ("POST", "registrations/{case_id}/amend"): row(
        "401 200 404 404 403 403 403", "case-draft", body=part("application")
    ),
    ("POST", "registrations/{case_id}/answer"): row(
        "401 200 404 404 403 403 403",
        "case-challenged",
        body=lambda w, _role: {"answers": w.parts["answers"]},
    ),
    ("GET", "registrations/{case_id}/chunks"): row("401 403 404 404 200 403 403", "case-proven"),
    ("POST", "registrations/{case_id}/submit"): row(
        "401 200 404 404 403 403 403", "case-draft", body=NONE
    ),
    ("POST", "registrations/{case_id}/withdraw"): row(
        "401 200 404 404 403 403 403", "case-submitted", body=NONE
    ),
    ("POST", "registrations/{case_id}/send_back"): row(
        "401 403 404 404 200 403 403", "case-submitted", body={"items": ["请补充。"]}
    ),
    ("POST", "registrations/{case_id}/decline"): row(
        "401 403 404 404 200 403 403",
        "case-submitted",
        body={"reason": "不属于登记范围，不予受理。"},
    ),
    ("POST", "registrations/{case_id}/accept"): row(
        "401 403 404 404 200 403 403", "case-submitted", body=NONE
    ),
    ("POST", "registrations/{case_id}/consent"): row(
        "401 200 404 404 403 403 403", "case-small", body=NONE
    ),
    ("POST", "registrations/{case_id}/challenge"): row(
        "401 403 404 404 200 403 403", "case-accepted", body=NONE
    ),
    ("POST", "registrations/{case_id}/attest"): row(
        "401 403 404 404 200 403 403", "case-accepted", body=part("attestation")
    ),
    ("POST", "registrations/{case_id}/pass"): row(
        "401 403 404 404 200 403 403", "case-proven", body=NONE
    ),
    ("POST", "registrations/{case_id}/refuse"): row(
        "401 403 404 404 200 403 403",
        "case-accepted",
        body={"ground": "dispute", "reason": "权属争议未决。"},
    ),
    ("POST", "registrations/{case_id}/issue"): row(
        "401 403 404 404 200 403 403", "case-publicity", body=NONE
    ),
    ("GET", "publicity"): row(PUBLIC),
    ("POST", "publicity/{case_id}/objections"): row(
        "401 403 201 201 403 403 403", "case-contestable", person=True, body=OBJECTION
    ),
    ("GET", "objections"): row("401 200 200 200 200 200 200"),
    ("GET", "objections/{objection_id}"): row("401 200 200 404 200 200 200", "objection"),
    ("POST", "objections/{objection_id}/uphold"): row(
        "401 403 403 404 200 403 403", "objection", body=REASON
    ),
    ("POST", "objections/{objection_id}/reject"): row(
        "401 403 403 404 200 403 403", "objection", body=REASON
    ),
    ("POST", "objections/{objection_id}/withdraw"): row(
        "401 403 200 404 403 403 403", "objection", body=NONE
    ),
    ("GET", "assets"): row("401 200 200 200 200 200 200"),
    ("GET", "assets/{asset_id}"): row("401 200 404 404 200 200 200", "asset"),
    ("GET", "assets/{asset_id}/encumbrances"): row("401 200 404 404 200 200 200", "asset"),
    ("POST", "assets/{asset_id}/encumbrances"): row(
        "401 403 404 404 403 201 403", "asset-bare", body={"kind": "pledge", **DOCUMENT}
    ),
    ("POST", "encumbrances/{encumbrance_id}/lift"): row(
        "401 403 404 404 403 200 403", "bound", body=DOCUMENT
    ),
    ("GET", "certificates"): row(PUBLIC),
    ("GET", "certificates/{code}"): row(PUBLIC, "certificate"),
    ("GET", "certificates/{code}/vc"): row(PUBLIC, "certificate"),
    ("GET", "certificates/{code}/check"): row(
        PUBLIC, "certificate", query=f"sha256={'0' * 64}&size=1"
    ),
    # Delivery.
    ("GET", "deposits/{version_id}"): row("401 200 404 404 200 200 200", "deposited"),
    ("PUT", "deposits/{version_id}/content"): row(
        "401 200 404 404 404 404 404", "version", body=part("file")
    ),
    # Marketplace.
    ("GET", "catalogue"): row(PUBLIC, query="q=%E5%8C%BA%E5%88%92"),
    ("GET", "zones"): row(PUBLIC),
    ("POST", "zones"): row("401 403 403 403 403 201 403", body=ZONE),
    ("GET", "products"): row("401 200 200 200 200 200 200"),
    ("POST", "products"): row("401 201 404 404 403 403 403", body=product),
    ("GET", "products/{product_id}"): row("404 200 404 404 200 200 200", "product-submitted"),
    ("POST", "products/{product_id}/amend"): row(
        "401 200 404 404 404 404 404", "product-draft", body=description
    ),
    ("POST", "products/{product_id}/scenarios"): row(
        "401 200 404 404 404 404 404", "product-draft", body=SCENARIO
    ),
    ("POST", "products/{product_id}/scenarios/{scenario_id}/drop"): row(
        "401 200 404 404 404 404 404", "product-draft", "scenario-draft", body=NONE
    ),
    ("POST", "products/{product_id}/plans"): row(
        "401 200 404 404 404 404 404", "product-draft", body=PLAN
    ),
    ("POST", "products/{product_id}/plans/{plan_id}/drop"): row(
        "401 200 404 404 404 404 404", "product-draft", "plan-draft", body=NONE
    ),
    ("POST", "products/{product_id}/submit"): row(
        "401 200 404 404 404 404 404", "product-draft", body=NONE
    ),
    ("POST", "products/{product_id}/claim"): row(
        "401 403 404 404 200 403 403", "product-submitted", body=NONE
    ),
    ("POST", "products/{product_id}/checks"): row(
        "401 403 404 404 200 403 403", "product-in_review", body=CHECK
    ),
    ("POST", "products/{product_id}/recommend"): row(
        "401 403 404 404 200 403 403", "product-checked", body=NONE
    ),
    ("POST", "products/{product_id}/approve"): row(
        "401 403 404 404 200 403 403", "product-recommended-by-another", body=NONE
    ),
    ("POST", "products/{product_id}/send_back"): row(
        "401 403 404 404 200 403 403", "product-in_review", body=REASON
    ),
    ("POST", "products/{product_id}/refuse"): row(
        "401 403 404 404 200 403 403", "product-in_review", body=REASON
    ),
    ("POST", "products/{product_id}/suspend"): row(
        "401 403 403 403 200 403 403", "product-listed", body=REASON
    ),
    ("POST", "products/{product_id}/restore"): row(
        "401 403 404 404 200 403 403", "product-suspended", body=NONE
    ),
    ("POST", "products/{product_id}/delist"): row(
        "401 200 403 403 200 403 403", "product-listed", body=REASON
    ),
    ("GET", "orders"): row("401 200 200 200 200 200 200"),
    ("POST", "orders"): row("401 403 201 201 403 403 403", body=part("order")),
    ("GET", "orders/{order_id}"): row("401 200 200 404 200 200 200", "order-active"),
    ("POST", "orders/{order_id}/accept"): row(
        "401 200 403 404 403 403 403", "order-requested", body=NONE
    ),
    ("POST", "orders/{order_id}/fund"): row(
        "401 403 200 404 403 403 403", "order-accepted", body=NONE
    ),
    ("POST", "orders/{order_id}/cancel"): row(
        "401 200 200 404 403 403 403", "order-requested", body=REASON
    ),
    ("POST", "orders/{order_id}/close"): row(
        "401 200 200 404 403 403 403", "order-finished", body=NONE
    ),
    # Contracts.
    ("GET", "contracts"): row("401 200 200 200 200 200 200"),
    ("GET", "contracts/{contract_id}"): row("401 200 200 404 200 200 200", "contract-active"),
    ("GET", "contracts/{contract_id}/signing-request"): row(
        "401 200 200 404 403 403 403", "contract-agreed"
    ),
    ("POST", "contracts/{contract_id}/offer"): row(
        "401 200 403 404 403 403 403",
        "contract-requested",
        body=lambda w, _role: {"terms": w.parts["offer"]},
    ),
    ("POST", "contracts/{contract_id}/request"): row(
        "401 403 200 404 403 403 403",
        "contract-offered",
        body=lambda w, _role: {"terms": w.parts["counter"]},
    ),
    ("POST", "contracts/{contract_id}/accept"): row(
        "401 403 200 404 403 403 403", "contract-offered", body=NONE
    ),
    ("POST", "contracts/{contract_id}/agree"): row(
        "401 200 403 404 403 403 403", "contract-requested", body=NONE
    ),
    ("POST", "contracts/{contract_id}/terminate"): row(
        "401 200 200 404 200 200 403", "contract-active", body=REASON
    ),
    ("POST", "contracts/{contract_id}/suspend"): row(
        "401 200 403 404 200 200 403", "contract-active", body=REASON
    ),
    ("POST", "contracts/{contract_id}/resume"): row(
        "401 200 403 404 403 403 403", "contract-suspended", body=NONE
    ),
    ("POST", "contracts/{contract_id}/signatures"): row(
        "401 409 201 404 403 403 403", "contract-agreed", body=signed_by_caller("signature")
    ),
    ("GET", "contracts/{contract_id}/statements"): row(
        "401 200 200 404 200 200 200", "contract-active"
    ),
    ("POST", "contracts/{contract_id}/statements"): row(
        "401 201 403 404 201 201 403", "contract-suspended", body=NONE
    ),
    ("GET", "statements/{statement_id}"): row("401 200 200 404 200 200 200", "statement"),
    ("GET", "statements/{statement_id}/signing-request"): row(
        "401 200 200 404 403 403 403", "statement"
    ),
    ("POST", "statements/{statement_id}/objection"): row(
        "401 200 200 404 403 403 403", "statement", body=REASON
    ),
    ("POST", "statements/{statement_id}/withdraw"): row(
        "401 403 200 404 403 403 403", "statement-objected", body=NONE
    ),
    ("POST", "statements/{statement_id}/signatures"): row(
        "401 201 201 404 403 403 403", "statement", body=signed_by_caller("countersignature")
    ),
    # Supervision.
    ("GET", "trails/{ref}"): row("401 403 403 403 403 200 200", "asset"),
    ("POST", "trails/{ref}/bundle"): row("401 403 403 403 403 200 200", "asset", body=NONE),
    ("GET", "accesses"): row("401 403 403 403 403 200 200"),
    ("GET", "trust"): row(PUBLIC),
    ("GET", "events/{event_id}/proof"): row(PUBLIC, "event"),
}
