"""The checks that lead from a checkpoint to a block: what a chain outside the log witnessed.

Each check returns what it found, or raises Broken, Unchecked, Absent or an error of the layer it
reads with (all ValueErrors but Unchecked and Absent).
"""

from tallystick.proof import evm, trie
from tallystick.proof.evidence import Broken, Evidence, shaped, unhexed
from tallystick.proof.tree import verify_consistency


def check_consistency(evidence: Evidence) -> str:
    """The anchored tree and the checkpoint's are one history, and it covers every event."""
    _ = evidence.chain
    checkpoint, call = evidence.checkpoint, evidence.call
    path = "consistency.json"
    value = shaped(evidence.json(path), path, **{"from": int, "to": int, "path": list})
    anchored, signed = (call.size, call.root), (checkpoint.size, checkpoint.root)
    (size1, root1), (size2, root2) = sorted([anchored, signed], key=lambda head: head[0])
    if (value["from"], value["to"]) != (size1, size2):
        raise Broken(f"{path} is not between the sizes {size1} and {size2}")
    if not verify_consistency(size1, size2, root1, root2, unhexed(value["path"], path)):
        raise Broken(f"the trees of {size1} and {size2} leaves are not one history")
    late = [index for index in evidence.index.events if index >= call.size]
    if late:
        raise Broken(f"event {late[0]} is not covered by the anchored {call.size} leaves")
    return f"anchored {call.size} leaves, checkpoint {checkpoint.size} leaves, one history"


def check_transaction(evidence: Evidence) -> str:
    """The trusted account called the trusted contract with this head, on the trusted chain."""
    chain, transaction, call = evidence.chain, evidence.transaction, evidence.call
    if transaction.sender != chain.anchorer:
        raise Broken(f"signed by 0x{transaction.sender.hex()}, not by the trusted anchorer")
    if transaction.to != chain.contract:
        raise Broken("sent to another address than the trusted contract")
    if transaction.chain_id != chain.id:
        raise Broken(f"signed for chain {transaction.chain_id}, not for {chain.id}")
    if transaction.hash != evidence.anchor.tx_hash:
        raise Broken("the transaction's hash is not the one in anchor.json")
    return f"0x{transaction.hash.hex()} by 0x{transaction.sender.hex()}, {call.size} leaves"


def check_receipt(evidence: Evidence) -> str:
    """The block holds the transaction, which succeeded, and the contract's event says this head."""
    chain, anchor, header = evidence.chain, evidence.anchor, evidence.header
    key = trie.index_key(anchor.tx_index)
    roots = {"tx": header.transactions_root, "receipt": header.receipts_root}
    for name, root in roots.items():
        path = f"anchor/{name}_proof.json"
        nodes = unhexed(shaped(evidence.json(path), path, nodes=list)["nodes"], path)
        if trie.value_at(root, key, nodes) != evidence.file(f"anchor/{name}.bin"):
            raise Broken(f"the block holds another {name} at index {anchor.tx_index}")
    receipt = evm.decode_receipt(evidence.file("anchor/receipt.bin"))
    if not receipt.succeeded:
        raise Broken("the transaction was reverted")
    if anchor.log_index >= len(receipt.logs):
        raise Broken(f"the receipt has no log {anchor.log_index}")
    log = receipt.logs[anchor.log_index]
    if log.address != chain.contract:
        raise Broken("the log is not of the trusted contract")
    found, call = evm.decode_anchored(log), evidence.call
    if (found.size, found.root) != (call.size, call.root):
        raise Broken("the event says another head than the transaction")
    return f"Anchored({found.size}) at index {anchor.tx_index} of block {header.number}"


def check_header(evidence: Evidence) -> str:
    """The block header is one that the verifier accepts."""
    chain, anchor, header = evidence.chain, evidence.anchor, evidence.header
    if (header.hash, header.number) != (anchor.block_hash, anchor.block_number):
        raise Broken("the header is not of the block in anchor.json")
    if chain.local:
        return f"block {header.number}; local, adds no independent trust"
    if header.hash not in chain.block_hashes:
        raise Broken(f"block 0x{header.hash.hex()} is not among the trusted blocks")
    return f"block {header.number}, 0x{header.hash.hex()}"


def check_chain(evidence: Evidence) -> str:
    """The bundle speaks of the trusted chain and of the trusted contract's code."""
    chain, anchor = evidence.chain, evidence.anchor
    pairs = {
        "chain id": (anchor.chain_id, chain.id),
        "genesis": (anchor.genesis, chain.genesis),
        "contract": (anchor.contract, chain.contract),
        "code hash": (anchor.code_hash, chain.code_hash),
    }
    for name, (found, trusted) in pairs.items():
        if found != trusted:
            raise Broken(f"another {name} than the trusted one")
    return f"chain {chain.id}, contract 0x{chain.contract.hex()}"
