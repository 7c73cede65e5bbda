"""`tallystick verify`: bundles without network or heavy packages; files against certificates."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from tallystick import codes, credential
from tallystick.cli import main
from tallystick.fingerprint import fingerprint
from tests.tallystick.proof import factory
from tests.tallystick.proof.checking import FILES, TRUST

CODE = codes.compose("500000", "202506", 17)
CSV = "代码,名称\n500101,万州区\n500103,渝中区\n"

# Runs the command with everything but the standard library and cryptography out of reach.
ALONE = """
import socket, sys
BLOCKED = {"django", "web3", "numpy", "blake3", "eth_account", "eth_hash", "rlp", "trie", "rfc8785"}
class Block:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in BLOCKED:
            raise ImportError(f"{name} is out of reach")
sys.meta_path.insert(0, Block())
def no_socket(*args, **kwargs):
    raise OSError("no network")
socket.socket = no_socket
from tallystick.cli import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.fixture
def bundle_file(tmp_path):
    path = tmp_path / "bundle.zip"
    path.write_bytes(factory.write(FILES))
    return path


@pytest.fixture
def trust_file(tmp_path):
    path = tmp_path / "trust.json"
    path.write_text(json.dumps(TRUST, indent=2), "utf-8")
    return path


@pytest.fixture
def data_file(tmp_path):
    path = tmp_path / "divisions.csv"
    path.write_text(CSV, "utf-8")
    return path


@pytest.fixture
def certificate(data_file):
    """A certificate of the data file, issued by the exchange of the trust file."""
    manifest = fingerprint(data_file, kind="csv").public()
    subject = {"id": "urn:tallystick:ast_1", "code": CODE, "name": "区划", "manifest": manifest}
    return credential.sign(
        {
            "@context": ["https://www.w3.org/ns/credentials/v2"],
            "issuer": {"id": factory.DID, "name": "示例数据交易所"},
            "credentialSubject": subject,
        },
        factory.EXCHANGE,
        verification_method=factory.DID + "#key",
        created="2025-06-01T00:00:00Z",
    )


@pytest.fixture
def certificate_file(tmp_path, certificate):
    path = tmp_path / "certificate.json"
    path.write_text(json.dumps(certificate, ensure_ascii=False), "utf-8")
    return path


@pytest.fixture
def exchange(certificate):
    """A loopback exchange that answers for one certificate; `standing` may be changed."""
    answers = {
        f"/api/v1/certificates/{CODE}": {"standing": "valid"},
        f"/api/v1/certificates/{CODE}/vc": certificate,
    }

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            found = answers.get(self.path)
            body = json.dumps(found or {"code": "not-found", "title": "Not found"}).encode()
            self.send_response(200 if found else 404)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args):
            """Stay silent."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", answers
    server.shutdown()
    thread.join()
    server.server_close()


def run_alone(*arguments):
    command = [sys.executable, "-c", ALONE, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_a_true_bundle_with_the_standard_library_and_cryptography_alone(bundle_file, trust_file):
    done = run_alone("verify", bundle_file, "--trust", trust_file)

    lines = done.stdout.splitlines()
    assert (done.returncode, done.stderr) == (0, "")
    assert [line.split("  ")[0] for line in lines[:-1]] == ["ok"] * 12
    assert lines[-1] == "every link holds"


def test_a_false_bundle_alone(bundle_file, trust_file):
    content = bytearray(bundle_file.read_bytes())
    content[len(content) // 2] ^= 1
    bundle_file.write_bytes(bytes(content))

    done = run_alone("verify", bundle_file, "--trust", trust_file, "--json")

    report = json.loads(done.stdout)
    assert (done.returncode, report["ok"]) == (1, False)
    assert report["links"][0]["status"] == "failed"
    assert {link["status"] for link in report["links"][1:]} == {"not checked"}


def test_each_link_stands_on_a_line_of_its_own(bundle_file, trust_file, capsys):
    bundle_file.write_bytes(factory.write({**FILES, "leaves/6.json": FILES["leaves/9.json"]}))

    assert main(["verify", str(bundle_file), "--trust", str(trust_file)]) == 1

    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("ok           manifest")
    assert (
        lines[1] == "FAILED       disclosures          the fields of event 6 do not make its leaf"
    )
    assert lines[2] == "FAILED       inclusion            leaf 6 is not in the tree of 17 leaves"
    assert lines[3].startswith("ok           checkpoint")
    assert lines[-1] == "this bundle proves less than it claims"


def test_a_missing_bundle_fails_and_a_missing_trust_file_is_bad_input(tmp_path, trust_file, capsys):
    assert main(["verify", str(tmp_path / "none.zip"), "--trust", str(trust_file)]) == 1
    assert main(["verify", str(trust_file), "--trust", str(tmp_path / "none.json")]) == 2
    assert main(["verify", str(trust_file)]) == 2
    trust_file.write_text("{}", "utf-8")
    assert main(["verify", str(trust_file), "--trust", str(trust_file)]) == 2


def test_the_registered_file(data_file, certificate_file, trust_file, capsys):
    arguments = ["verify", str(data_file), "--certificate", str(certificate_file)]

    assert main([*arguments, "--trust", str(trust_file), "--json"]) == 0

    answer = json.loads(capsys.readouterr().out)
    assert answer == {
        "ok": True,
        "code": CODE,
        "name": "区划",
        "issuer": factory.DID,
        "issuer_trusted": True,
        "standing": None,
        "differs": [],
    }
    assert main(arguments) == 0
    assert "not compared with a trust file" in capsys.readouterr().out


@pytest.mark.parametrize(
    "content", [CSV.replace("渝中区", "渝北区"), CSV + "x,y\n", "not,a table\n1\n", ""]
)
def test_another_file(data_file, certificate_file, trust_file, capsys, content):
    data_file.write_text(content, "utf-8")

    code = main(
        [
            "verify",
            str(data_file),
            "--certificate",
            str(certificate_file),
            "--trust",
            str(trust_file),
            "--json",
        ]
    )

    answer = json.loads(capsys.readouterr().out)
    assert (code, answer["ok"]) == (1, False)
    assert {"sha256", "sm3", "blake3"} <= set(answer["differs"])


def test_a_forged_certificate_certifies_nothing(data_file, certificate_file, certificate, capsys):
    certificate["credentialSubject"]["name"] = "another"
    certificate_file.write_text(json.dumps(certificate), "utf-8")

    code = main(["verify", str(data_file), "--certificate", str(certificate_file)])

    assert code == 1
    assert "FAILED       the certificate is not genuine" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("term", "standing"),
    [
        (("2025-06-01T00:00:00Z", "2125-06-01T00:00:00Z"), "valid"),
        (("2020-06-01T00:00:00Z", "2025-06-01T00:00:00Z"), "expired"),
        (("2125-06-01T00:00:00Z", "2126-06-01T00:00:00Z"), "not_yet"),
    ],
)
def test_a_certificate_is_in_force_for_its_term(
    data_file, certificate_file, certificate, term, standing
):
    del certificate["proof"]
    certificate |= {"validFrom": term[0], "validUntil": term[1]}
    sealed = credential.sign(
        certificate, factory.EXCHANGE, verification_method="key", created="2025-06-01T00:00:00Z"
    )
    certificate_file.write_text(json.dumps(sealed), "utf-8")

    command = [sys.executable, "-m", "tallystick", "verify", data_file]
    done = subprocess.run(
        [*command, "--certificate", certificate_file], capture_output=True, text=True, check=False
    )

    assert done.returncode == (0 if standing == "valid" else 1)
    assert f"standing     {standing}" in done.stdout


@pytest.mark.parametrize("term", [{"validFrom": "2025"}, {"validFrom": 1, "validUntil": "x"}])
def test_a_term_that_cannot_be_read_is_bad_input(
    data_file, certificate_file, certificate, term, capsys
):
    certificate_file.write_text(json.dumps(certificate | term), "utf-8")

    assert main(["verify", str(data_file), "--certificate", str(certificate_file)]) == 2
    assert "term cannot be read" in capsys.readouterr().err


def test_a_certificate_of_another_exchange_is_not_trusted(
    data_file, certificate_file, trust_file, capsys
):
    other = {**TRUST, "exchange_did": "did:web:other.example"}
    trust_file.write_text(json.dumps(other), "utf-8")

    code = main(
        [
            "verify",
            str(data_file),
            "--certificate",
            str(certificate_file),
            "--trust",
            str(trust_file),
        ]
    )

    assert code == 1
    assert "not by did:web:other.example" in capsys.readouterr().out


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"issuer": "did:key:z"}', '{"issuer": 1.5}'])
def test_what_is_no_certificate_certifies_nothing(data_file, certificate_file, text):
    certificate_file.write_text(text, "utf-8")

    assert main(["verify", str(data_file), "--certificate", str(certificate_file)]) in (1, 2)


def test_a_code_at_an_exchange(data_file, exchange, trust_file, capsys):
    address, answers = exchange
    arguments = ["verify", str(data_file), "--exchange", address, "--code", CODE, "--json"]

    assert main([*arguments, "--trust", str(trust_file)]) == 0
    assert json.loads(capsys.readouterr().out)["standing"] == "valid"

    answers[f"/api/v1/certificates/{CODE}"]["standing"] = "expired"
    assert main(arguments) == 1
    assert json.loads(capsys.readouterr().out)["standing"] == "expired"


def test_an_exchange_that_answers_for_another_code_is_refused(
    data_file, exchange, certificate, capsys
):
    address, answers = exchange
    other = codes.compose("500000", "202506", 18)
    answers[f"/api/v1/certificates/{other}"] = {"standing": "valid"}
    answers[f"/api/v1/certificates/{other}/vc"] = certificate

    assert main(["verify", str(data_file), "--exchange", address, "--code", other]) == 1
    assert f"is of {CODE}, not of {other}" in capsys.readouterr().out


def test_a_code_that_cannot_be_checked_is_bad_input(data_file, exchange, capsys):
    address, _ = exchange
    unknown = codes.compose("500000", "202506", 99)

    for code in ("TS123", unknown):
        assert main(["verify", str(data_file), "--exchange", address, "--code", code]) == 2
    assert main(["verify", str(data_file), "--exchange", "http://127.0.0.1:1", "--code", CODE]) == 2
    assert main(["verify", str(data_file), "--exchange", address]) == 2
    assert capsys.readouterr().out == ""
