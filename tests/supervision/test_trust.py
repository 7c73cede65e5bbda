"""What the exchange says of itself to verifiers, on the command line."""

import json

import pytest
from django.core.management import CommandError, call_command

from core.keys import key_path
from ledger.models import ChainIdentity, LogIdentity
from supervision import queries
from tallystick import keys
from tallystick.proof.trust import parse_trust
from tests.factories.registry import make_exchange_key
from tests.factories.supervision import open_log

pytestmark = pytest.mark.django_db


def test_the_command_prints_keys_and_chain(tmp_path, capsys):
    make_exchange_key()
    open_log(tmp_path)

    call_command("trust")

    trust = json.loads(capsys.readouterr().out)
    public = keys.public_of(keys.load(key_path("exchange")))
    chain = ChainIdentity.objects.get()
    parsed = parse_trust(trust)
    assert trust == queries.trust_file()
    assert trust["log_vkey"] == LogIdentity.objects.get().vkey
    assert trust["exchange_vkey"].split("+")[0] == "tallystick.local"
    assert trust["exchange_did"] == keys.did_of(public)
    assert parsed.issuer_key == public
    assert (parsed.chain.id, parsed.chain.contract.hex()) == (
        chain.chain_id,
        chain.contract[2:].lower(),
    )
    assert parsed.chain.block_hashes == frozenset()


def test_before_there_is_a_log_the_command_says_what_to_run():
    make_exchange_key()

    with pytest.raises(CommandError, match="ledger_init"):
        call_command("trust")
