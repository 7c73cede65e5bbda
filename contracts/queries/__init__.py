"""Reads of the contracts room, a module for each noun."""

from contracts.queries.contract import contract_for, contracts_in_force, contracts_of, grant_of
from contracts.queries.statement import latest_statement, statement_for, statements_of

__all__ = [
    "contract_for",
    "contracts_in_force",
    "contracts_of",
    "grant_of",
    "latest_statement",
    "statement_for",
    "statements_of",
]
