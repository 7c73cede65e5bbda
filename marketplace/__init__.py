"""The trading floor: zones, products with their gates and reviews, orders and settlement.

Nouns: zone, product, product version, plan, scenario, review, order, settlement.
Invariants: what is listed passed every gate and two unaffiliated persons; a version
never changes; a contract carries the version's terms as values; each fen held for an
order is either released by a countersigned statement, split by the contract's frozen
basis points, or returned to the buyer.
"""
