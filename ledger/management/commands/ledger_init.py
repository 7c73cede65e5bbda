"""Set the log up: keys, identity, and the contract it is anchored to. Safe to run again."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from core.keys import key_path
from ledger import actions, lanes, queries
from ledger.errors import LedgerError
from ledger.evm.driver import ChainError
from ledger.keys import load_anchor_key, make_anchor_key
from tallystick import keys


class Command(BaseCommand):
    help = "Make the exchange's keys, pin the log's identity, deploy or pin the anchor contract."

    def handle(self, *_args: Any, **_options: Any) -> None:
        try:
            self.set_up()
        except (LedgerError, ChainError, keys.KeyFileError) as error:
            raise CommandError(str(error)) from error

    def set_up(self) -> None:
        settings.KEY_DIR.mkdir(parents=True, exist_ok=True, mode=0o700)
        for name in ("log", "exchange"):
            if not key_path(name).exists():
                keys.generate(key_path(name))
        if not key_path("anchor").exists():
            make_anchor_key(key_path("anchor"))
        public = keys.load(key_path("log")).public_key().public_bytes_raw()
        self.stdout.write(f"log      {actions.pin_log(settings.LOG_ORIGIN, public).vkey}")
        if not queries.anchoring_is_configured():
            self.stdout.write("anchor   none: each start of the signer asks for ledger_accept_head")
            return
        key = load_anchor_key(key_path("anchor"))
        pinned = actions.pin_chain(lanes.chain(), key, contract=settings.ANCHOR_CONTRACT)
        trust = "local, adds no independent trust" if pinned.is_local else "node at ANCHOR_RPC_URL"
        self.stdout.write(f"chain    {pinned.chain_id} ({trust})")
        self.stdout.write(f"contract {pinned.contract}, anchorer {pinned.anchorer}")
