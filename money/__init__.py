"""Double entry in integer fen: accounts, append-only transfers, holds that resolve once.

Invariants: every transfer debits one account and credits another; balances are the fold
of the transfers; a floor account never owes more than it holds, pending debits counted;
a pending transfer is posted, voided or expired, once; an id names one transfer for ever.
The model is TigerBeetle's. What the transfers are for, this room does not know.
"""
