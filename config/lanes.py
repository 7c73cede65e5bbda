"""What background workers do, in the order in which one round does it."""

from core.lanes import Lane

CLOCK = 2.0  # seconds between looks at deadlines, which count in days

LANES = [
    Lane("deliver", "core.deliveries.deliver_due"),
    Lane("clock", "registry.lanes.clock", pause_seconds=CLOCK),
    Lane("invitations", "accounts.lanes.clock", pause_seconds=CLOCK),
    Lane("contracts", "contracts.actions.deadlines.run_clock", pause_seconds=CLOCK),
    Lane("orders", "marketplace.lanes.clock", pause_seconds=CLOCK),
    Lane("expire", "money.actions.run_clock", pause_seconds=CLOCK),
    Lane("drain", "delivery.actions.drain", pause_seconds=0.1),
    Lane("seal", "contracts.lanes.seal", pause_seconds=60.0),
    Lane("sequence", "ledger.lanes.sequence"),
    Lane("anchor", "ledger.lanes.anchor", apart=True, pause_seconds=1.0),
    Lane("sign", "ledger.lanes.sign"),
]
