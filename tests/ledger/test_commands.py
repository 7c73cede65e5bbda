"""Setting up, answering for a chain, and the keys on disk."""

import io
import stat

import pytest
from django.core.management import CommandError, call_command

from ledger import lanes, queries
from ledger.keys import AnchorKeyError, load_anchor_key, make_anchor_key
from ledger.models import ChainIdentity, LogIdentity
from tests.factories.ledger import seal

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.KEY_DIR = tmp_path / "keys"
    settings.CHAIN_FILE = tmp_path / "chain.sqlite3"
    for kept in (lanes.chain, lanes.boot):
        kept.cache_clear()
    yield tmp_path
    for kept in (lanes.chain, lanes.boot):
        kept.cache_clear()


def said(*command, **options):
    out = io.StringIO()
    call_command(*command, stdout=out, **options)
    return out.getvalue()


def test_setting_up_makes_keys_log_and_contract_and_again_changes_nothing(folder):
    first = said("ledger_init")
    keys = {path.name: path.read_bytes() for path in (folder / "keys").iterdir()}
    second = said("ledger_init")

    assert sorted(keys) == ["anchor.key", "exchange.key", "log.key"]
    assert {stat.S_IMODE((folder / "keys" / name).stat().st_mode) for name in keys} == {0o600}
    assert first == second
    assert "local, adds no independent trust" in first
    assert LogIdentity.objects.get().vkey in first
    assert ChainIdentity.objects.get().contract in first
    assert {path.name: path.read_bytes() for path in (folder / "keys").iterdir()} == keys


def test_a_lost_log_key_is_not_replaced(folder):
    said("ledger_init")
    (folder / "keys" / "log.key").unlink()

    with pytest.raises(CommandError, match="neither can be changed"):
        said("ledger_init")


def test_without_a_chain_no_contract_is_made(settings):
    settings.ANCHOR = "none"

    assert "none: each start of the signer asks" in said("ledger_init")
    assert ChainIdentity.objects.count() == 0


def test_the_lanes_go_from_event_to_anchor_in_one_process():
    said("ledger_init")
    event = seal(2)[0]

    assert (lanes.sequence(), lanes.sign(), lanes.sign()) == (0, 1, 0)  # announced, unanswered
    assert lanes.anchor() == 1  # the head was seen
    assert lanes.sign() == 1
    # Sent; then the new head seen and the transaction found in its block.
    assert [lanes.anchor() for _ in range(3)] == [1, 2, 0]

    assert queries.seal_status(event).stage == "anchored"


def test_without_a_chain_the_signer_waits_for_an_operator(settings):
    settings.ANCHOR = "none"
    said("ledger_init")
    seal(2)
    root = queries.head().root.hex()

    with pytest.raises(CommandError, match="no signer is waiting"):
        said("ledger_accept_head", "2", root)
    assert (lanes.sign(), lanes.sign(), lanes.anchor()) == (1, 0, 0)
    assert said("ledger_accept_head", "2", root) == "1 waiting signer(s) answered\n"
    assert lanes.sign() == 1

    assert queries.latest_checkpoint().size == 2


@pytest.mark.parametrize(("size", "root"), [("2", "xyz"), ("2", "00"), ("-1", "00" * 32)])
def test_a_head_that_is_none_is_refused(settings, size, root):
    settings.ANCHOR = "none"

    with pytest.raises(CommandError):
        said("ledger_accept_head", "--", size, root)


def test_an_anchor_key_is_made_once_and_read_only_by_its_owner(tmp_path):
    path = tmp_path / "anchor.key"
    key = make_anchor_key(path)

    assert load_anchor_key(path) == key
    with pytest.raises(FileExistsError):
        make_anchor_key(path)
    path.chmod(0o644)
    with pytest.raises(AnchorKeyError, match="chmod 600"):
        load_anchor_key(path)
    path.chmod(0o600)
    path.write_text("not a key")
    with pytest.raises(AnchorKeyError, match="64 hex digits"):
        load_anchor_key(path)
