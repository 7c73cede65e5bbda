"""Every write of money: open an account, post a batch, let holds expire."""

from money.actions.opening import open_account
from money.actions.posting import Result, post, run_clock
from money.postings import Posting, derived_id, new_id

__all__ = [
    "Posting",
    "Result",
    "derived_id",
    "new_id",
    "open_account",
    "post",
    "run_clock",
]
