"""The tables of the log and of its anchors.

All but AnchorAttempt and AnchorNonce are evidence: triggers refuse UPDATE and DELETE. Tile and
Head may grow and do nothing else. Hashes and roots are raw bytes, 32 each.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.models import Event
from core.states import in_states
from ledger.states import OPEN, AttemptState


class LogIdentity(models.Model):
    """Whose log this is: one row, pinned when the log is set up. `vkey` is a C2SP verifier key."""

    origin = models.CharField(max_length=120, primary_key=True)
    vkey = models.CharField(max_length=240)

    class Meta:
        verbose_name = _("log identity")
        verbose_name_plural = _("log identities")

    def __str__(self) -> str:
        return self.vkey


class Leaf(models.Model):
    """One entry of the log. `body` is the canonical JSON over the event's two roots."""

    index = models.BigIntegerField(primary_key=True)
    # Events cannot be deleted, so the database need not look each one up again.
    event = models.OneToOneField(Event, models.PROTECT, related_name="leaf", db_constraint=False)
    body = models.BinaryField()
    leaf_hash = models.BinaryField(unique=True)

    class Meta:
        verbose_name = _("leaf")
        verbose_name_plural = _("leaves")

    def __str__(self) -> str:
        return f"leaf {self.index}"


class Tile(models.Model):
    """256 hashes of one level, or fewer at the right edge (C2SP tlog-tiles).

    Entry i of level 0 is a leaf hash; of level L+1 the root over a full tile of level L.
    """

    pk = models.CompositePrimaryKey("level", "n")
    level = models.PositiveSmallIntegerField()
    n = models.BigIntegerField()
    hashes = models.BinaryField()

    class Meta:
        verbose_name = _("tile")
        verbose_name_plural = _("tiles")

    def __str__(self) -> str:
        return f"tile {self.level}/{self.n}"


class Head(models.Model):
    """The one row that the sequencer locks: how many leaves there are, and their root.

    `signed_size` is the size of the newest checkpoint, written with it: null before the first.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    size = models.BigIntegerField()
    root = models.BinaryField()
    signed_size = models.BigIntegerField(null=True)

    class Meta:
        verbose_name = _("log head")
        verbose_name_plural = _("log heads")
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="ledger_one_head"),
            models.CheckConstraint(condition=models.Q(size__gte=0), name="ledger_head_size"),
        ]

    def __str__(self) -> str:
        return f"head {self.size}"


class Checkpoint(models.Model):
    """A signed head (C2SP tlog-checkpoint). One per size, so that no size has two roots."""

    size = models.BigIntegerField(primary_key=True)
    root = models.BinaryField()
    note = models.TextField()
    signed_at = models.DateTimeField()

    class Meta:
        verbose_name = _("checkpoint")
        verbose_name_plural = _("checkpoints")
        constraints = [
            models.CheckConstraint(condition=models.Q(size__gte=1), name="ledger_checkpoint_size"),
        ]

    def __str__(self) -> str:
        return f"checkpoint {self.size}"


class Boot(models.Model):
    """One start of a signer. It signs nothing until a SeenHead answers it."""

    id = models.CharField(max_length=32, primary_key=True)
    process = models.CharField(max_length=80)
    started_at = models.DateTimeField()

    class Meta:
        verbose_name = _("signer boot")
        verbose_name_plural = _("signer boots")

    def __str__(self) -> str:
        return self.id


class SeenHead(models.Model):
    """A head seen outside this database: on the chain by the anchorer, or named by an operator.

    `block_number` is null for an operator's word.
    """

    boot = models.ForeignKey(Boot, models.PROTECT, related_name="seen_heads")
    size = models.BigIntegerField()
    root = models.BinaryField()
    block_number = models.BigIntegerField(null=True)
    seen_at = models.DateTimeField()

    class Meta:
        verbose_name = _("head seen on chain")
        verbose_name_plural = _("heads seen on chain")

    def __str__(self) -> str:
        return f"head {self.size} seen for {self.boot_id}"


class ChainIdentity(models.Model):
    """The chain and contract that anchors go to: one row, pinned when anchoring is set up.

    Addresses are checksummed hex; `is_local` chains add no independent trust.
    """

    contract = models.CharField(max_length=42, primary_key=True)
    chain_id = models.BigIntegerField()
    genesis_hash = models.BinaryField()
    code_hash = models.BinaryField()
    anchorer = models.CharField(max_length=42)
    max_step = models.BigIntegerField()
    is_local = models.BooleanField()
    pinned_at = models.DateTimeField()

    class Meta:
        verbose_name = _("chain identity")
        verbose_name_plural = _("chain identities")

    def __str__(self) -> str:
        return f"{self.contract} on chain {self.chain_id}"


class AnchorNonce(models.Model):
    """The next nonce of the anchorer's account; locked while a transaction is made."""

    account = models.CharField(max_length=42, primary_key=True)
    next = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("anchor nonce")
        verbose_name_plural = _("anchor nonces")

    def __str__(self) -> str:
        return f"{self.account} #{self.next}"


class AnchorAttempt(models.Model):
    """One signed transaction, stored before it was sent."""

    account = models.CharField(max_length=42)
    nonce = models.BigIntegerField()
    size = models.BigIntegerField()
    root = models.BinaryField()
    previous_root = models.BinaryField()
    raw = models.BinaryField()
    transaction_hash = models.BinaryField(unique=True)
    state = models.CharField(
        max_length=10, choices=AttemptState.choices, default=AttemptState.SAVED
    )
    saved_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("anchor attempt")
        verbose_name_plural = _("anchor attempts")
        constraints = [
            models.CheckConstraint(
                condition=in_states(AttemptState.values), name="anchor_attempt_state_known"
            ),
            models.UniqueConstraint(
                fields=["account"], condition=in_states(OPEN), name="anchor_attempt_one_open"
            ),
            models.UniqueConstraint(fields=["account", "nonce"], name="anchor_attempt_nonce_once"),
        ]

    def __str__(self) -> str:
        return f"anchor attempt {self.nonce} to {self.size}"


class AnchorProof(models.Model):
    """An anchored head with all that proves it in a block, kept so that showing it needs no node.

    The proofs are lists of hex trie nodes, root first; `header` hashes (Keccak-256) to
    `block_hash`; `log_index` counts within the receipt.
    """

    size = models.BigIntegerField(primary_key=True)
    root = models.BinaryField()
    attempt = models.OneToOneField(AnchorAttempt, models.PROTECT, related_name="proof")
    chain = models.ForeignKey(ChainIdentity, models.PROTECT, related_name="+")
    block_number = models.BigIntegerField()
    block_hash = models.BinaryField()
    header = models.BinaryField()
    transaction_index = models.IntegerField()
    transaction = models.BinaryField()
    transaction_proof = models.JSONField()
    receipt = models.BinaryField()
    receipt_proof = models.JSONField()
    log_index = models.IntegerField()
    gas_used = models.BigIntegerField()
    recorded_at = models.DateTimeField()

    class Meta:
        verbose_name = _("anchor proof")
        verbose_name_plural = _("anchor proofs")

    def __str__(self) -> str:
        return f"anchor of {self.size} in block {self.block_number}"
