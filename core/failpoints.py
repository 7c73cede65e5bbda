"""Named points at which a test can make the process die as a power cut would.

`TALLYSTICK_FAILPOINT=sequence.before_commit` kills this process with SIGKILL when it
gets there. Unset, a point costs one dictionary look-up.
"""

import os
import signal

NAMES = (
    "sequence.before_commit",
    "sequence.after_commit",
    "sign.before_save",
    "sign.after_save",
    "anchor.saved_not_sent",
    "anchor.sent_not_seen",
)


def failpoint(name: str) -> None:
    """Die here if the environment asks for it. Raises ValueError for an unknown name."""
    if name not in NAMES:
        raise ValueError(f"unknown failpoint {name}")
    if os.environ.get("TALLYSTICK_FAILPOINT") == name:
        os.kill(os.getpid(), signal.SIGKILL)
