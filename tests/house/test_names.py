"""What a reader sees of machines, rooms and models is in the reader's language."""

import pytest
from django.apps import apps
from django.utils import translation
from django.utils.translation import gettext

from core.states import MACHINES
from tests.house.source import APPS

OURS = [pytest.param(machine, id=machine.noun) for machine in MACHINES]


def in_chinese(label):
    """Whether a label reads otherwise in Chinese than in English."""
    with translation.override("en"):
        english = gettext(label) if type(label) is str else str(label)
    with translation.override("zh-hans"):
        return (gettext(label) if type(label) is str else str(label)) != english


@pytest.mark.parametrize("machine", OURS)
def test_nouns_states_and_verbs_of_machines_are_said_in_chinese(machine):
    labels = {
        "the noun": machine.noun,
        **{f"the state {state.value}": state.label for state in machine.states},
        **{f"the verb {verb}": word for verb, word in machine.words.items()},
    }

    assert set(machine.words) == set(machine.verbs)
    assert [name for name, label in labels.items() if not in_chinese(label)] == []


@pytest.mark.parametrize("app", APPS)
def test_rooms_and_models_have_chinese_names(app):
    config = apps.get_app_config(app)
    models = list(config.get_models())
    unnamed = [
        f"{model.__name__}.{name}"
        for model in models
        for name in ("verbose_name", "verbose_name_plural")
        if not in_chinese(getattr(model._meta, name))
    ]

    assert in_chinese(config.verbose_name)
    assert unnamed == []
    assert models or app == "supervision"
