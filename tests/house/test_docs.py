"""Documentation and code agree: facts, machines, settings, commands, grids."""

import re

import pytest

from core import documents
from core.states import MACHINES
from tests.house.source import APPS, ROOT, python_files

SETTING = re.compile(r"env\.(?:str|int|bool|list|db)\(\s*\"([A-Z_]+)\"")


def test_every_fact_explains_itself():
    silent = [
        name for name, fact in documents.own_facts().items() if not (fact.__doc__ or "").strip()
    ]

    assert documents.own_facts()
    assert silent == []


def test_the_page_of_events_is_what_the_code_says():
    assert (ROOT / documents.EVENTS).read_text() == documents.events_page()


def test_the_diagrams_are_the_machines():
    page = (ROOT / documents.ARCHITECTURE).read_text()

    assert page == documents.architecture_page(page)


def test_every_setting_is_documented_and_no_other():
    used = set(SETTING.findall((ROOT / "config/settings.py").read_text()))
    page = (ROOT / "docs/reference/settings.md").read_text()

    assert used
    assert set(re.findall(r"^\| `([A-Z_]+)`", page, re.MULTILINE)) == used


def test_every_command_is_documented():
    page = (ROOT / "docs/reference/commands.md").read_text()
    commands = {
        path.stem
        for app in APPS
        for path in (ROOT / app).glob("management/commands/*.py")
        if path.stem != "__init__"
    }

    assert commands
    assert [name for name in sorted(commands) if f"`manage.py {name}" not in page] == []


def test_every_machine_is_walked_verb_by_state():
    documents.load_rooms()
    text = "\n".join(p.read_text() for p in python_files("tests"))
    names = {
        name
        for app in APPS
        for path in [ROOT / app / "states.py"]
        if path.exists()
        for name in re.findall(r"^([A-Z_]+)(?::[^=]*)? = Machine\(", path.read_text(), re.MULTILINE)
    }

    assert len(names) == len(
        {m.noun for m in MACHINES if m.states.__module__.split(".")[0] in APPS}
    )
    assert [
        name
        for name in sorted(names)
        if not re.search(rf"grid[\w.]*\([^)]*\b{name}\b|\b{name}\b[^\n]*grid", text)
    ] == []


@pytest.mark.parametrize(
    "name",
    [
        "README.md",
        "ARCHITECTURE.md",
        "CONTRIBUTING.md",
        "SECURITY.md",
        "CHANGELOG.md",
        "LICENSE",
        "NOTICE",
    ],
)
def test_the_first_documents_are_there_and_their_links_lead_somewhere(name):
    text = (ROOT / name).read_text()
    local = re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", text)

    assert [link for link in local if not (ROOT / link).exists()] == []
