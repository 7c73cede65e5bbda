"""What stops the log. None of these is answered by trying again: somebody must look."""


class LedgerError(Exception):
    """The log refuses to go on."""


class NotSetUp(LedgerError):
    """There is no log or no chain yet: `manage.py ledger_init` makes them."""


class SelfCheckFailed(LedgerError):
    """Tiles, head and the last checkpoint do not agree; nothing was signed."""


class Forked(LedgerError):
    """A head seen outside is no ancestor of ours; nothing is signed or anchored."""


class Stuck(LedgerError):
    """The chain refused an anchor for a reason that sending it again cannot change."""
