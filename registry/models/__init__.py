"""Rows of the registry, by noun."""

from registry.models.asset import Asset, AssetVersion, ContentDigest
from registry.models.case import (
    Attestation,
    CorrectionNotice,
    DurationRule,
    PossessionAnswer,
    PossessionChallenge,
    RegistrationCase,
)
from registry.models.certificate import Certificate, Encumbrance, RightGrant, SerialCounter
from registry.models.objection import Objection

__all__ = [
    "Asset",
    "AssetVersion",
    "Attestation",
    "Certificate",
    "ContentDigest",
    "CorrectionNotice",
    "DurationRule",
    "Encumbrance",
    "Objection",
    "PossessionAnswer",
    "PossessionChallenge",
    "RegistrationCase",
    "RightGrant",
    "SerialCounter",
]
