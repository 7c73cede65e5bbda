"""A whole trade on one asset, told and sealed, for those who watch it."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from django.conf import settings

from accounts.models import Organisation
from contracts.actions import statement as statements
from contracts.models import Statement
from core import leases
from core.actors import Actor
from ledger import actions as log
from ledger.actions import sequencer, signer
from ledger.evm.driver import Anchor
from tests.factories import accounts, ledger, marketplace


@dataclass
class World:
    """A certificate, a listed product, an active order, a countersigned statement, a regulator."""

    trade: marketplace.Trade
    statement: Statement
    regulator: Organisation

    @property
    def asset(self) -> str:
        """The id of the asset that everything is about."""
        return str(self.trade.stall.certificate.asset_id)

    @property
    def contract(self) -> str:
        """The id of the contract."""
        return str(self.trade.order.contract_id)

    @property
    def auditor(self) -> Actor:
        """The regulator's first member."""
        return accounts.actor_of(self.regulator)


def make_world() -> World:
    """The story from registration to a countersigned statement; nothing is sealed yet."""
    trade = marketplace.make_active()
    statement = statements.draw_statement(trade.order.contract, by=trade.deal.actor("seller"))
    trade.countersign(statement)
    return World(trade, statement, accounts.make_regulator())


def open_log(folder: Path) -> Seals:
    """A log under the project's own origin with a local chain in `folder`."""
    log.pin_log(settings.LOG_ORIGIN, ledger.LOG_KEY.public_key().public_bytes_raw())
    chain = ledger.open_chain(folder)
    return Seals(chain, ledger.answered_boot(chain))


@dataclass
class Seals:
    """The lanes of the log, one turn at a time."""

    chain: Anchor
    boot: str

    def sequence(self) -> None:
        """Every recorded event has its leaf."""
        while log.sequence(fence=leases.take(sequencer.SEAT)):
            continue

    def sign(self) -> None:
        """Every leaf is under a checkpoint."""
        self.sequence()
        log.sign(ledger.LOG_KEY, boot=self.boot, fence=leases.take(signer.SEAT))

    def anchor(self) -> None:
        """Every leaf is under an anchored head."""
        self.sign()
        ledger.anchored(self.chain)


def files_in(bundle: bytes) -> dict[str, bytes]:
    """The files of a bundle by path."""
    with zipfile.ZipFile(BytesIO(bundle)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
