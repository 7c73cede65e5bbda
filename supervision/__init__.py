"""Supervision: what regulators and the exchange's auditors see, and what they carry away; and the
exchange's own desk, whose pages show every room and write through the rooms' actions.

Owns no table: a trail is read from the events, a bundle is made from the log, and reading and
exporting are events themselves.

Invariants:
- whoever reads a trail or exports a bundle leaves an event;
- a bundle holds only events that a signed head covers, and an anchored one where there is a chain;
- what is handed out can be verified without the exchange (docs/reference/bundle.md).
"""
