"""What proves a fact without asking the exchange.

Pure functions over bytes: the Merkle tree (`tree`), commitments of events (`commit`), signed notes
and checkpoints (`note`), and the pieces of Ethereum that an anchor rests on (`keccak`, `rlp`,
`trie`, `secp256k1`, `evm`). On them stand the proof bundle (`bundle`), what a verifier trusts
(`trust`) and the check of every link (`verify`, with `evidence`, `anchor`, `papers`, `report`).
The standard library and `cryptography` suffice.
"""
