"""Who acts: users, organisations, memberships and roles, API keys, signing keys.

Invariants: one open organisation per 统一社会信用代码 and one exchange; `is_demo` never
changes; roles are in force only while the organisation is qualified; a public key is
enrolled once, by proof of possession; of an API key only its SHA-256 is stored.
"""
