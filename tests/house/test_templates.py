"""Templates: variables first, nothing inline, nothing from another host."""

import re

from tests.house.source import LAYERS, ROOT, where

TEMPLATES = sorted(p for top in LAYERS for p in (ROOT / top).glob("templates/**/*.html"))
INLINE = re.compile(
    r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|javascript:", re.IGNORECASE
)
FOREIGN = re.compile(r"(?:src|href|action)=[\"'](?:https?:)?//", re.IGNORECASE)


def test_there_are_templates():
    assert TEMPLATES


def test_the_first_line_lists_the_variables():
    silent = [where(p) for p in TEMPLATES if not p.read_text().startswith("{#")]

    assert silent == []


def test_nothing_is_inline():
    assert [where(p) for p in TEMPLATES if INLINE.search(p.read_text())] == []


def test_nothing_comes_from_another_host():
    assert [where(p) for p in TEMPLATES if FOREIGN.search(p.read_text())] == []
