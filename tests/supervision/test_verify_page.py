"""The public page of bundle verification, the trust file, and the check on a certificate."""

import json
import re
from pathlib import Path

import pytest

from accounts.queries import user
from accounts.states import Role
from supervision.queries import trust_file
from tallystick.proof.verify import CHECKS
from tests.factories.accounts import make_buyer, make_exchange, make_member, make_seller
from tests.factories.registry import make_certificate, make_exchange_key
from tests.factories.supervision import open_log

pytestmark = pytest.mark.django_db
WORDS = re.compile(r'data-([a-z0-9_]+)="([^"]*)"')
SAID = re.compile(r"words\(([^,)]*)")
MODULES = ("faces", "fileproof", "checks")
FAULTS = (
    "empty", "encoding", "nul", "header", "quote", "carriage_return", "ragged", "record_size"
)  # fmt: skip


@pytest.fixture
def log(tmp_path):
    make_exchange_key()
    open_log(tmp_path)


@pytest.mark.parametrize("address", ["/verify", "/en/verify"])
def test_anybody_sees_the_page_and_its_command_line(
    client, log, address, django_assert_max_num_queries
):
    with django_assert_max_num_queries(12):
        shown = client.get(address).content.decode()

    assert "tallystick verify bundle.zip --trust trust.json" in shown
    assert trust_file()["log_vkey"] in shown
    assert 'data-trust-url="' in shown


def test_before_the_log_is_set_up_the_page_says_so_and_there_is_no_trust_file(client):
    make_exchange_key()

    assert client.get("/en/verify").status_code == 200
    assert "The log has not been set up yet." in client.get("/en/verify").content.decode()
    assert client.get("/trust.json").status_code == 503


def test_the_trust_file_is_the_one_the_command_prints(client, log):
    reply = client.get("/trust.json")

    assert json.loads(reply.content) == trust_file()
    assert reply["Content-Type"] == "application/json"
    assert reply["Access-Control-Allow-Origin"] == "*"
    assert client.post("/trust.json").status_code == 405


def test_the_certificate_hands_its_registered_digests_to_the_check(client):
    certificate = make_certificate()
    version = certificate.version

    shown = client.get(f"/r/{certificate.code}").content.decode()

    for name, value in {
        "sha256": version.sha256,
        "sm3": version.sm3,
        "blake3": version.blake3,
        "tree": version.chunk_root,
        "size": version.size_bytes,
        "code": certificate.code,
    }.items():
        assert f'data-{name}="{value}"' in shown


@pytest.mark.parametrize("path", ["/verify", "/en/verify"])
def test_the_scripts_have_every_word_they_say(client, log, path):
    """Each words("name") of the modules is an attribute of the page; links and faults by name."""
    shown = client.get(path).content.decode()
    held = dict(WORDS.findall(shown[shown.index('id="ts-fileproof"') :]))
    scripts = "".join(Path(f"static/js/{name}.mjs").read_text() for name in MODULES)
    said = {name for call in SAID.findall(scripts) for name in re.findall(r'"([a-z_]+)"', call)}
    links = {name.replace(" ", "_") for name, _ in CHECKS}
    said |= {f"link_{name}" for name in links} | {f"link_{name}_says" for name in links}
    said |= {f"status_{name}" for name in ("ok", "failed", "unchecked", "absent", "local")}
    said |= {f"key_{name}" for name in ("unsupported", "insecure", "storage", "missing")}
    said |= {f"table_{name}" for name in FAULTS}

    assert said - held.keys() == set()
    assert [name for name in said if not held[name]] == []


@pytest.mark.parametrize("make", [make_seller, make_buyer, make_exchange])
def test_members_may_look_as_visitors_do(client, log, make):
    client.force_login(user(make_member(make(), Role.ADMINISTRATOR).user_id))

    assert client.get("/verify").status_code == 200
    assert client.get("/trust.json").status_code == 200
