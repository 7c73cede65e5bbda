"""Two versions side by side: words in Latin, signs in Chinese, and only what changed is marked."""

from supervision.diffs import compared


def marked(parts):
    return [part.text for part in parts if part.changed]


def test_what_changed_is_marked_and_nothing_else():
    (row,) = compared({"概述": "全国 31 个省。"}, {"概述": "全国 34 个省，逐级。"})

    assert (marked(row.old), marked(row.new)) == (["31"], ["34", "，逐级"])
    assert "".join(part.text for part in row.new) == "全国 34 个省，逐级。"


def test_equal_fields_do_not_change_and_missing_ones_are_empty():
    same, new, gone = compared({"a": "x", "c": "y"}, {"a": "x", "b": "z"})

    assert (same.changed, new.changed, gone.changed) == (False, True, True)
    assert (new.old, gone.new) == ((), ())
