import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from accounts import actions, queries
from accounts.models import Organisation, User
from accounts.states import Role
from core.actors import COMMAND, Actor
from core.errors import Conflict, Invalid, NotAllowed
from core.models import Event
from tests.factories.accounts import PASSWORD, make_exchange, make_uscc

pytestmark = pytest.mark.django_db
TWO = [("a@example.cn", "甲", PASSWORD), ("B@example.cn", "乙", PASSWORD)]


def found(**changes):
    fields = {
        "name": "示例数据交易所",
        "uscc": make_uscc(1),
        "region": "500000",
        "administrators": TWO,
        "by": COMMAND,
    }
    return actions.bootstrap(**{**fields, **changes})


def test_the_exchange_is_founded_qualified_with_two_administrators():
    exchange = found(demo=True)

    assert exchange.state == "qualified"
    assert exchange.is_demo is True
    assert queries.the_exchange() == exchange
    members = queries.members_of(exchange)
    assert [m.user.email for m in members] == ["a@example.cn", "b@example.cn"]
    for member in members:
        actor = queries.actor_for(member.user, exchange)
        assert actor.roles == {Role.ADMINISTRATOR}
        assert member.user.is_staff
    event = Event.objects.get(type="accounts.ExchangeFounded")
    assert event.subject == exchange.pk
    assert event.body.fields["administrators"]["value"] == [m.user_id for m in members]


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"administrators": TWO[:1]}, Invalid),
        ({"administrators": [TWO[0], ("A@example.cn ", "甲", PASSWORD)]}, Invalid),
        ({"administrators": [TWO[0], ("b@example.cn", "乙", "1234")]}, Invalid),
        ({"uscc": "91500000000000001X"}, Invalid),
        ({"region": "50"}, Invalid),
        ({"by": Actor("person", user_id="usr_x")}, NotAllowed),
    ],
)
def test_a_founding_that_is_not_right_leaves_nothing(changes, error):
    with pytest.raises(error):
        found(**changes)

    assert not Organisation.objects.exists()
    assert not User.objects.exists()
    assert not Event.objects.exists()


def test_there_is_one_founding():
    make_exchange()
    before = Event.objects.count()

    with pytest.raises(Conflict) as refusal:
        found()

    assert refusal.value.code == "founded"
    assert Event.objects.count() == before


def test_the_command_reads_or_prints_passwords_and_works_once(capsys, monkeypatch):
    monkeypatch.setenv("TALLYSTICK_PASSWORD_1", PASSWORD)
    options = {
        "name": "示例数据交易所",
        "uscc": make_uscc(1),
        "region": "500000",
        "administrator": ["a@example.cn:甲", "b@example.cn:乙"],
    }

    call_command("bootstrap", **options)

    lines = capsys.readouterr().out.splitlines()
    assert lines[1] == "administrator a@example.cn"
    assert lines[2].startswith("administrator b@example.cn password ")
    assert queries.user_by_email("a@example.cn").check_password(PASSWORD)
    assert queries.user_by_email("b@example.cn").check_password(lines[2].split()[-1])
    with translation.override("en"), pytest.raises(CommandError, match="founded already"):
        call_command("bootstrap", **options)


def test_the_command_asks_for_what_it_is_not_told(capsys, monkeypatch):
    answers = iter(
        ["a@example.cn", "甲", "b@example.cn", "乙", "示例数据交易所", make_uscc(1), "500000"]
    )
    monkeypatch.setattr("builtins.input", lambda _question: next(answers))
    monkeypatch.setattr(
        "accounts.management.commands.bootstrap.getpass", lambda _question: PASSWORD
    )

    call_command("bootstrap", demo=True)

    assert PASSWORD not in capsys.readouterr().out
    assert queries.the_exchange().is_demo is True
