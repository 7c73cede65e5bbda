"""Reads of supervision: trails, the evidence of a bundle, and what verifiers trust."""

from supervision.queries.accesses import ACCESSES, Access, access, accesses_of
from supervision.queries.bundles import Evidence, evidence
from supervision.queries.proofs import EventProof, event_proof
from supervision.queries.trails import MAX_EVENTS, Trail, TrailLine, trail
from supervision.queries.trust import exchange_name, trust_file

__all__ = [
    "ACCESSES",
    "MAX_EVENTS",
    "Access",
    "EventProof",
    "Evidence",
    "Trail",
    "TrailLine",
    "access",
    "accesses_of",
    "event_proof",
    "evidence",
    "exchange_name",
    "trail",
    "trust_file",
]
