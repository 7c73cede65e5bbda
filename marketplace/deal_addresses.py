"""Addresses of the pages of deals: orders, contracts, statements and their money."""

from django.urls import path

from marketplace.views import contracts, ledgers, orders, statements

CONTRACT, STATEMENT = "desk/contracts/<str:contract_id>", "desk/statements/<str:statement_id>"
pages = [
    path("desk/orders", orders.Orders.as_view(), name="orders"),
    path("desk/orders/new/<str:product_id>", orders.NewOrder.as_view(), name="order_new"),
    path("desk/orders/<str:order_id>", orders.OneOrder.as_view(), name="order"),
    path("desk/contracts", contracts.Contracts.as_view(), name="contracts"),
    path(CONTRACT, contracts.OneContract.as_view(), name="contract"),
    path(f"{CONTRACT}/request", contracts.ContractRequest.as_view(), name="contract_request"),
    path(f"{CONTRACT}/terms", contracts.ContractPaper.as_view(), name="contract_paper"),
    path("desk/statements", statements.Statements.as_view(), name="statements"),
    path(STATEMENT, statements.OneStatement.as_view(), name="statement"),
    path(f"{STATEMENT}/request", statements.StatementRequest.as_view(), name="statement_request"),
    path("desk/payouts", ledgers.Payouts.as_view(), name="payouts"),
    path("desk/escrow", ledgers.Escrow.as_view(), name="escrow"),
    path("desk/consumption", ledgers.Consumption.as_view(), name="consumption"),
]
