"""Who trades what with whom, and who reviewed, never changes."""

from django.db import migrations

from core.triggers import frozen


class Migration(migrations.Migration):

    dependencies = [
        ("marketplace", "0001_products_orders_and_settlements"),
    ]

    operations = [
        frozen("marketplace_review", "version_id", "reviewer_id", "claimed_at"),
        frozen(
            "marketplace_order", "buyer_id", "seller_id", "version_id", "plan_id", "scenario_id",
            "contract_id", "placed_at",
        ),
    ]
