"""Snapshots out of the database. The only module of the gateway, with `worker`, that knows Django.

A load asks a few narrow queries for what changes, and builds each contract's terms and
each file's description once: terms are frozen, and so is a registered version.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from django.db.models import F, Sum
from django.utils import timezone

from accounts.models import Organisation
from accounts.queries import data_keys
from contracts.models import Contract, Grant, QuotaAccount, QuotaLease
from contracts.policy import Policy
from contracts.policy.model import DATE_TIME
from contracts.states import LeaseState
from delivery import rules
from delivery.gateway.calls import Key
from delivery.gateway.snapshot import ContractView, FileView, KeyView, MeterView, Snapshot
from delivery.models import Deposit

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Settled:
    """What of a contract never changes, and which registered file it is about."""

    view: ContractView
    asset: str
    manifest_sha256: str


class Loader:
    """Makes snapshots, remembering what is frozen."""

    def __init__(self) -> None:
        self._contracts: dict[str, Settled] = {}
        self._files: dict[str, FileView] = {}

    def load(self, own_leases: set[str]) -> Snapshot:
        """The state of now. `own_leases` are those whose spending the worker itself counts."""
        began = time.monotonic()
        files = self._deposited()
        return Snapshot(
            loaded_at=began,
            keys=keys_in_force(),
            contracts=self._granted(files),
            unused=unused_units(own_leases),
        )

    def _granted(self, files: dict[tuple[str, str], FileView]) -> dict[str, ContractView]:
        """Every contract that has a grant, by id."""
        rows = list(Grant.objects.values_list("contract_id", "state", "starts_at", "ends_at"))
        self._learn([contract for contract, *_rest in rows if contract not in self._contracts])
        found = {}
        for contract, state, starts_at, ends_at in rows:
            known = self._contracts[contract]
            found[contract] = replace(
                known.view,
                state=str(state),
                starts_us=micros(starts_at),
                ends_us=micros(ends_at),
                file=files.get((known.asset, known.manifest_sha256)),
            )
        return found

    def _learn(self, contract_ids: list[str]) -> None:
        """Read the terms of contracts that are new."""
        for contract in Contract.objects.filter(pk__in=contract_ids):
            terms = contract.terms_value
            meters = {m.name: MeterView(m.name, m.quota, m.unit_price_fen) for m in terms.meters}
            view = ContractView(
                id=contract.id,
                seller=contract.seller_id,
                buyer=contract.buyer_id,
                state="",
                starts_us=0,
                ends_us=0,
                policy=terms.policy,
                meters=meters,
                file=None,
                timeless=is_timeless(terms.policy),
            )
            asset = terms.asset
            self._contracts[contract.id] = Settled(view, asset.id, asset.manifest_sha256)

    def _deposited(self) -> dict[tuple[str, str], FileView]:
        """The deposited files by asset and manifest digest."""
        rows = Deposit.objects.values_list(
            "object", "version__asset_id", "version__manifest_sha256"
        )
        found = {(asset, manifest): name for name, asset, manifest in rows}
        new = set(found.values()) - set(self._files)
        for row in Deposit.objects.select_related("version__asset").filter(object__in=new):
            self._files[row.object] = described(row)
        return {key: self._files[name] for key, name in found.items() if name in self._files}


def is_timeless(policy: Policy) -> bool:
    """Whether no rule of the policy speaks of a moment."""
    every = (*policy.permissions, *policy.prohibitions)
    return not any(c.operand == DATE_TIME for rule in every for c in rule.constraints)


def described(row: Deposit) -> FileView:
    """What the gateway must know of a deposited file; columns only where rows may be served."""
    version = row.version
    serves_rows = bool(rules.may_serve_rows(version))
    columns = rules.columns_of(version)
    return FileView(
        object=row.object,
        sha256=row.sha256,
        size=row.size_bytes,
        filename=f"{version.asset.name}.{'csv' if columns else 'bin'}",
        columns=tuple(columns) if serves_rows else (),
        row_count=version.row_count or 0,
    )


def keys_in_force() -> dict[str, KeyView]:
    """API keys that open the gateway now, by SHA-256 of the token."""
    regions = dict(Organisation.objects.values_list("id", "region"))
    return {
        key.token_sha256: KeyView(
            key.id,
            key.organisation_id,
            regions.get(key.organisation_id, ""),
            micros(key.expires_at),
        )
        for key in data_keys(timezone.now())
    }


def unused_units(own_leases: set[str]) -> dict[Key, int]:
    """Granted less used, less what drained records show of leases that are not our own."""
    rows = QuotaAccount.objects.annotate(left=F("granted") - F("used"))
    found = {(c, m): left for c, m, left in rows.values_list("contract_id", "meter", "left")}
    running = QuotaLease.objects.exclude(state=LeaseState.SETTLED).exclude(pk__in=own_leases)
    sums = running.values("account__contract_id", "account__meter").annotate(sum=Sum("recorded"))
    for row in sums:
        found[row["account__contract_id"], row["account__meter"]] -= row["sum"]
    return found


def micros(moment: datetime) -> int:
    """A moment as microseconds since 1970."""
    return (moment - EPOCH) // timedelta(microseconds=1)
