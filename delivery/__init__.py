"""Data on its way to those who may use it: stored, authorised, metered, delivered.

Nouns: deposit (a registered file, stored encrypted for delivery), access decision (a
refusal at the gateway). The gateway (delivery/gateway) is a plain WSGI callable: it
reads snapshots of contracts and spends leased quota; the spool keeps each call until it
is drained into usage events.

Invariants: nothing is delivered without a contract, its policy and a unit of quota; a
call is on disk before its first byte; refusals spend nothing; what is not fresh or not
writable refuses. This room holds no domain rule: contracts decide, delivery asks.
"""
