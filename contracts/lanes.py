"""The lane of usage: partitions ahead, seals behind."""

from __future__ import annotations

import logging

from django.utils import timezone

from contracts.actions import sealing, usage
from contracts.actions.sealing import Reading
from core import leases
from core.actors import CLOCK
from core.errors import Conflict

SEAT = "contracts.seal"
READING: dict[int, Reading] = {}
"""How far this process has read the bucket that is due."""
log = logging.getLogger(__name__)


def seal() -> int:
    """Keep partitions 60 days ahead and seal what is due; how much was read or sealed.

    One stretch of a bucket a call, so that no other lane waits long. 0 while another
    process has the seat, while nothing is due, and while records of the day may come.
    """
    fence = leases.take(SEAT)
    if fence is None:
        return 0
    usage.make_partitions()
    bucket = sealing.due(timezone.now())
    if bucket is None:
        return 0
    if bucket not in READING:
        READING.clear()
        READING[bucket] = Reading(bucket)
    try:
        sealing.require_sealable(bucket)
        if done := READING[bucket].go_on():
            return done
        sealing.seal(bucket, by=CLOCK, reading=READING[bucket], seat=(SEAT, fence))
    except Conflict as error:
        log.info("usage bucket %s is not sealed yet: %s", bucket, error)
        return 0
    return 1
