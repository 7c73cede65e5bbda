"""What background workers do, in the order in which one round does it."""

from core.lanes import Lane

LANES = [
    Lane("deliver", "core.deliveries.deliver_due"),
    Lane("clock", "registry.lanes.clock"),
    Lane("invitations", "accounts.lanes.clock", pause_seconds=1.0),
    Lane("contracts", "contracts.actions.deadlines.run_clock", pause_seconds=1.0),
    Lane("orders", "marketplace.lanes.clock"),
    Lane("expire", "money.actions.run_clock"),
    Lane("drain", "delivery.actions.drain", pause_seconds=0.1),
    Lane("seal", "contracts.lanes.seal", pause_seconds=60.0),
    Lane("sequence", "ledger.lanes.sequence"),
    Lane("anchor", "ledger.lanes.anchor", apart=True, pause_seconds=1.0),
    Lane("sign", "ledger.lanes.sign"),
]
