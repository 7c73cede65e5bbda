"""The log: every event a leaf, every head signed, every signed head anchored on a chain.

Owns Leaf, Tile, Head, Checkpoint, the anchoring tables and the pinned identities of log and
chain. Knows events as rows with two roots, and no other noun.

Invariants:
- leaves are numbered 0, 1, 2, ... without gap; leaf, tiles and head are written in one transaction;
- a checkpoint is signed after its head is committed, checked against the tiles and against the
  checkpoint before it, and stored before anyone can read it; one checkpoint per size;
- nothing is signed in a boot before the chain (or an operator) has shown a head that is an
  ancestor of our own;
- a transaction is stored before it is sent, one is in flight at a time, and what is on the chain
  already is never sent again;
- proofs are computed from tiles and never stored.

Anchoring leaves no event: each would make a leaf, which would need anchoring.
"""
