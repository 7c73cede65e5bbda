"""Deposited files, contracts on them, and a gateway that answers in this process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from django.conf import settings

from accounts.models import ApiKey, Organisation
from contracts import terms as values
from contracts.terms import Asset
from core.actors import Actor
from delivery import actions, spool
from delivery.gateway.application import Gateway
from delivery.gateway.desk import Desk
from delivery.gateway.journal import Journal
from delivery.gateway.loading import Loader
from delivery.gateway.worker import Librarian, Steward
from delivery.models import Deposit
from registry.models import Certificate
from tests.factories import accounts, contracts, registry
from tests.factories.contracts import Deal
from tests.factories.gateway import Reply, call

ROWS = "rows.call"
HEADER = "区县,名称,代码"
LINES = tuple(
    f"{district},第{number}社区,{code}{number:03d}"
    for district, code in (("渝中区", 500103), ("江北区", 500105))
    for number in range(1, 6)
)


def make_csv(folder: Path, lines: tuple[str, ...] = LINES) -> Path:
    """A small table of communities."""
    path = folder / "communities.csv"
    path.write_text("\n".join((HEADER, *lines)) + "\n")
    return path


def make_registered(path: Path, **changes: Any) -> Certificate:
    """A certificate in force on that file."""
    return registry.make_certificate(path=path, **changes)


def holder_of(certificate: Certificate) -> Actor:
    """A member of the organisation that holds the asset."""
    return accounts.actor_of(certificate.asset.holder)


def make_deposit(certificate: Certificate, path: Path) -> Deposit:
    """The file, handed over by its holder."""
    content = iter([path.read_bytes()])
    return actions.deposit(certificate.version, content, by=holder_of(certificate))


def make_deal_on(certificate: Certificate, **changes: Any) -> Deal:
    """An active contract on the certified asset."""
    asset = Asset(
        id=certificate.asset_id,
        code=certificate.code,
        manifest_sha256=certificate.version.manifest_sha256,
    )
    return contracts.make_active(**{"asset": asset} | changes)


def meters(*, rows: int = 1000, price_fen: int = 5, bytes_: int = 10**8) -> Any:
    """Meters of a contract: calls for rows, and bytes of the file for nothing."""
    return (
        values.MeterTerms(name=ROWS, unit="call", quota=rows, unit_price_fen=price_fen),
        values.MeterTerms(name="file.bytes", unit="byte", quota=bytes_, unit_price_fen=0),
    )


def make_key(organisation: Organisation) -> tuple[ApiKey, str]:
    """An API key that opens the gateway, and its token."""
    return accounts.make_api_key(organisation, "data")


def make_token(organisation: Organisation) -> str:
    """The token of such a key."""
    return make_key(organisation)[1]


@dataclass
class Desktop:
    """A gateway whose threads' work is done step by step by the test."""

    gateway: Gateway
    steward: Steward
    librarian: Librarian
    loader: Loader

    def refresh(self) -> None:
        """Do once what the worker's threads do."""
        journal, desk = self.gateway.journal, self.gateway.desk
        loaded = self.loader.load({held.id for held in journal.leases()})
        # Fresh until the next step, however slow the machine is.
        desk.snapshot = replace(loaded, loaded_at=float("inf"))
        self.librarian.tick()
        self.steward.tick()

    def get(self, path: str, token: str = "", *, method: str = "GET", **headers: str) -> Reply:
        """Send a request with the purpose 城市规划 unless told otherwise."""
        path, _mark, query = path.partition("?")
        environ = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "HTTP_X_PURPOSE": "%E5%9F%8E%E5%B8%82%E8%A7%84%E5%88%92",
            "HTTP_ACCEPT_LANGUAGE": "en",
        }
        if token:
            environ["HTTP_AUTHORIZATION"] = f"Bearer {token}"
        return call(self.gateway, environ | headers)


@contextmanager
def make_gateway(
    *, workers: int = 1, holder: str = "test", capacity: int = 4096
) -> Iterator[Desktop]:
    """A gateway on the test's database and spool; wishes for quota are granted at once."""
    folder = Path(settings.SPOOL_DIR)
    desk = Desk()
    journal = Journal(lambda: spool.Segment(folder, capacity))
    steward = Steward(desk, journal, holder=holder, workers=workers)
    desk.wish = Wishes(desk, steward)  # type: ignore[method-assign]
    desktop = Desktop(Gateway(desk, journal), steward, Librarian(desk), Loader())
    try:
        yield desktop
    finally:
        journal.segment.close()


@dataclass
class Wishes:
    """Answers wishes in the asking thread, as the lease thread would."""

    desk: Desk
    steward: Steward

    def __call__(self, key: tuple[str, str], units: int) -> str:
        return self.steward.lease(key, units)
