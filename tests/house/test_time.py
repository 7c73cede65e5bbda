"""Every act that takes a moment of effect lets it through the one door."""

import ast

from tests.house.source import APPS, functions, python_files, room_of, where


def takes_now(function):
    """Whether a caller may name the moment of effect."""
    return any(
        argument.arg == "now" and "None" in ast.unparse(argument.annotation)
        for argument in function.args.kwonlyargs
        if argument.annotation
    )


def checks_or_hands_on(function):
    """Whether the moment is checked here, or goes to another function or to `record`."""
    for node in ast.walk(function):
        if not isinstance(node, ast.Call):
            continue
        handed = [*node.args, *(k.value for k in node.keywords if k.arg in {"now", "effective_at"})]
        for value in handed:
            named = value.test if isinstance(value, ast.IfExp) else value
            if isinstance(named, ast.Name) and named.id == "now":
                return True
    return False


def test_no_action_takes_a_moment_and_leaves_it_unchecked():
    actions = [
        (path, function)
        for path in python_files(*APPS)
        if room_of(path) == "actions"
        for function in functions(path)
        if takes_now(function)
    ]
    unchecked = [
        f"{where(path, function.lineno)} {function.name}"
        for path, function in actions
        if not checks_or_hands_on(function)
    ]

    assert len(actions) > 40
    assert unchecked == []
