"""The request path knows no Django: by its imports, and in a process that answers."""

import subprocess
import sys

import pytest

from tests.house.source import ROOT, imported

PURE = (
    "application",
    "asking",
    "bodies",
    "calls",
    "desk",
    "journal",
    "later",
    "refusals",
    "replies",
    "serving",
    "snapshot",
    "tables",
)
ANSWER = """
import sys
sys.modules["django"] = None
from delivery.gateway.application import Gateway
from delivery.gateway.desk import Desk
from delivery.gateway.journal import Journal
from delivery.spool import Segment
from pathlib import Path
from tests.factories.gateway import call
gateway = Gateway(Desk(), Journal(lambda: Segment(Path(sys.argv[1]), 16)))
reply = call(gateway, {"REQUEST_METHOD": "GET", "PATH_INFO": "/d/ctr_1/rows", "QUERY_STRING": ""})
assert reply.status == 503, reply
assert not [name for name in sys.modules if name.startswith("django.")]
"""


def modules_from(names):
    """The project's own modules that these import, one after the other."""
    found, waiting = set(), [f"delivery.gateway.{name}" for name in names]
    while waiting:
        name = waiting.pop()
        path = ROOT / (name.replace(".", "/") + ".py")
        path = path if path.exists() else ROOT / name.replace(".", "/") / "__init__.py"
        if name in found or not path.exists():
            continue
        found.add(name)
        waiting += [other for _line, other in imported(path)]
    return found


@pytest.mark.parametrize("name", PURE)
def test_no_module_of_the_request_path_imports_django(name):
    reached = modules_from([name])
    outside = {
        other.split(".")[0]
        for module in reached
        for path in [ROOT / (module.replace(".", "/") + ".py")]
        if path.exists()
        for _line, other in imported(path)
    }

    assert outside & {"django", "rest_framework", "celery"} == set()


def test_requests_are_answered_where_django_cannot_be_imported(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", ANSWER, str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
