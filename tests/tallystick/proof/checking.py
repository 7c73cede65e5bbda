"""A true bundle, and ways to bend it."""

from __future__ import annotations

import copy
import json

from tallystick import canonical
from tallystick.proof.report import FAILED, NOT_CHECKED
from tests.tallystick.proof import factory

FILES = factory.make_story().files()
TRUST = factory.make_trust(block=FILES["anchor/header.rlp"])


def broken(found):
    return {name for name, (status, _) in found.items() if status in (FAILED, NOT_CHECKED)}


def with_json(path, change, files=FILES):
    """`files` with a change made to the JSON file at `path`."""
    value = json.loads(files[path])
    change(value)
    return {**files, path: canonical.dumps(value)}


def with_trust(**changes):
    trust = copy.deepcopy(TRUST)
    for name, value in changes.items():
        target = trust["chain"] if name in trust["chain"] else trust
        target[name] = value
    return trust
