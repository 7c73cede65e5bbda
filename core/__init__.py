"""The grammar every room speaks: errors, states, actors, verdicts, events, time, money.

Owns the event table (the only outbox and the only audit trail), deliveries to
handlers, idempotency records, the working-day calendar and leases of singletons.
Knows no domain noun and imports no other app.
"""
