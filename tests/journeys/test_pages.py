"""The pages a visitor sees: in two languages, strict, quick, and with a reason when refused."""

import html
import re
from html.parser import HTMLParser
from importlib import import_module

import pytest
from django.conf import settings
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from core.models import Event
from core.reading_room import ReadOnlyAdmin
from registry.models import Certificate
from tallystick import codes
from tests.factories import accounts, registry
from tests.house.messages import CATALOGUE, ROOT, entries

pytestmark = pytest.mark.usefixtures("undone")

CSP = {
    "default-src 'self'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "object-src 'none'",
    "base-uri 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
}
INLINE = re.compile(
    r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|javascript:", re.IGNORECASE
)
FOREIGN = re.compile(r"(?:src|href|action)=[\"'](?:https?:)?//", re.IGNORECASE)
MOST_QUERIES = 12
LANGUAGES = (("", "zh-Hans"), ("/en", "en"))


@pytest.fixture
def code() -> str:
    """The newest certificate's code."""
    return Certificate.objects.order_by("-valid_from", "-id").values_list("code", flat=True)[0]


@pytest.fixture
def addresses(code) -> dict[str, int]:
    """Every page for visitors, without its language, and the status it answers with."""
    return {
        "/": 200,
        f"/r/{code}": 200,
        "/accounts/login/": 200,
        "/accounts/signup/": 200,
        "/accounts/password/reset/": 200,
        "/nowhere": 404,
        f"/r/{unknown(code)}": 404,
    }


def unknown(code: str) -> str:
    """A well-formed code that nobody was given."""
    return codes.compose(code[2:8], code[8:14], 999_999)


class Words(HTMLParser):
    """The visible texts and spoken labels of a page that are in the page's own language."""

    SILENT = ("script", "style", "svg", "code", "pre")
    VOID = ("meta", "link", "input", "br", "path", "use", "line", "img", "hr")

    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, bool]] = []
        self.found: set[str] = set()

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        other = tag != "html" and "lang" in given
        quiet = tag in self.SILENT or other or bool(self.open and self.open[-1][1])
        if not other:
            labels = ("aria-label", "placeholder", "title", "alt")
            self.found |= {given[name] for name in labels if given.get(name)}
        if tag not in self.VOID:
            self.open.append((tag, quiet))

    def handle_startendtag(self, tag, attrs):
        """Drawings have no text."""

    def handle_endtag(self, tag):
        while self.open and self.open.pop()[0] != tag:
            continue

    def handle_data(self, data):
        if not (self.open and self.open[-1][1]):
            self.found.add(" ".join(data.split()))


def words(reply) -> set[str]:
    """The texts of a reply's page."""
    reader = Words()
    reader.feed(reply.content.decode())
    return reader.found


def untranslated(texts: set[str]) -> set[str]:
    """Those texts that are an English message, or begin like one up to its first value."""
    said = entries((ROOT / CATALOGUE).read_text(encoding="utf-8"))
    whole = {" ".join(m.split()) for m, (zh, _fuzzy) in said.items() if zh != m}
    begun = tuple(m.split("%(")[0] for m in whole if len(m.split("%(")[0]) > 8 and "%(" in m)
    return {t for t in texts if t in whole or (begun and t.startswith(begun))}


def test_each_page_answers_in_the_language_of_its_address(client, addresses):
    for prefix, language in LANGUAGES:
        for path, status in addresses.items():
            reply = client.get(prefix + path)

            assert (path, reply.status_code) == (path, status)
            assert f'<html lang="{language}"' in reply.content.decode()


def test_each_page_is_strict_and_all_its_own(client, addresses):
    for prefix, _language in LANGUAGES:
        for path in addresses:
            reply = client.get(prefix + path)
            page = reply.content.decode()

            assert set(reply["Content-Security-Policy"].split("; ")) == CSP
            assert reply["X-Frame-Options"] == "DENY"
            assert reply["X-Content-Type-Options"] == "nosniff"
            assert reply["Referrer-Policy"] == "same-origin"
            assert INLINE.findall(page) == []
            assert FOREIGN.findall(page) == []


def test_a_chinese_page_says_nothing_in_english(client, addresses):
    for path in addresses:
        texts = words(client.get(path))

        assert (path, untranslated(texts)) == (path, set())


def test_the_scan_for_english_sees_it(client):
    assert "Products listed" in untranslated(words(client.get("/en/")))
    assert any(t.startswith("Last anchored ") for t in untranslated(words(client.get("/en/"))))


def test_home_shows_the_numbers_and_the_newest_registration(client, code, world):
    page = client.get("/").content.decode()

    name = Certificate.objects.get(code=code).asset.name
    for label in ("在架产品", "有效凭证", "履行中的合同", "累计计量调用", "日志条目"):
        assert label in page
    assert f'href="/r/{code}"' in page
    assert name in page
    assert "本地链，不增加独立信任" in page


def test_a_certificate_shows_its_proof_from_leaf_to_block(client, code):
    page = client.get(f"/r/{code}").content.decode()

    certificate = Certificate.objects.get(code=code)
    assert certificate.version.sha256 in page
    assert certificate.version.sm3 in page
    for link in ("条目", "包含路径", "树根", "检查点", "区块"):
        assert f"<h3>{link} " in page
    assert 'class="sibs"' in page
    assert "#seal-tally" in page
    assert '<li class="local">' in page
    assert 'class="bad"' not in page


@pytest.mark.parametrize("path", ["/", "/r/{code}"])
def test_a_page_asks_the_database_little(client, code, path):
    with CaptureQueriesContext(
        connection,
    ) as asked:
        client.get(path.format(code=code))

    assert len(asked) <= MOST_QUERIES, "\n".join(q["sql"] for q in asked)


def test_switching_the_language_keeps_the_page(client, addresses):
    for path in addresses:
        chinese = client.get(path + "?theme=dark").content.decode()
        english = client.get("/en" + path + "?theme=dark").content.decode()

        assert f'href="/en{path}?theme=dark"' in chinese
        assert f'href="{path}?theme=dark" lang="zh-Hans"' in english


def test_the_code_is_found_however_it_is_typed(client, code):
    typed = f" {code[:8].lower()} {code[8:]} "

    assert client.get("/r/", {"code": typed}).url == f"/r/{code}"
    assert client.get("/en/r/", {"code": typed}).url == f"/en/r/{code}"


def test_a_mistyped_code_and_an_unknown_one_are_told_apart(client, code):
    swapped = f"{code[:-1]}{(int(code[-1]) + 1) % 10}"

    assert "这不是登记编码：校验位不对。" in client.get(f"/r/{swapped}").content.decode()
    assert "没有使用此编码的凭证。" in client.get(f"/r/{unknown(code)}").content.decode()
    english = client.get(f"/en/r/{unknown(code)}").content.decode()
    assert "No certificate has this code." in english


def test_hostile_names_are_inert(client):
    name = "<img src=x onerror=alert(1)>\u202e示例"
    seller = accounts.make_organisation(name=name)
    certificate = registry.make_certificate(seller, name='"><script>alert(2)</script>\u2066')

    for path in ("/", f"/r/{certificate.code}", f"/en/r/{certificate.code}"):
        page = client.get(path).content.decode()
        assert "<img" not in page
        assert "<script>alert" not in page
        assert f"<bdi>{html.escape(name)}</bdi>" in page
        assert INLINE.findall(page.replace(html.escape(name), "")) == []


def test_signing_in_and_out(client):
    user = accounts.make_user("张三")

    page = client.get("/accounts/login/?next=/en/")
    reply = client.post(
        "/accounts/login/",
        {"login": user.email, "password": accounts.PASSWORD, "next": "/en/"},
    )

    assert 'name="next"' in page.content.decode()
    assert (reply.status_code, reply.url) == (302, "/en/")
    cookie = reply.cookies["sessionid"]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    assert "张三" in client.get("/").content.decode()
    assert client.post("/accounts/logout/").status_code == 302
    assert "张三" not in client.get("/").content.decode()


def test_a_wrong_password_says_so_beside_the_form(client):
    user = accounts.make_user()

    reply = client.post("/accounts/login/", {"login": user.email, "password": "wrong 12345"})

    assert reply.status_code == 200
    assert 'role="alert"' in reply.content.decode()
    assert "未能提交" in reply.content.decode()
    assert "_auth_user_id" not in client.session


def test_a_form_from_elsewhere_is_refused_with_a_page():
    strict = Client(enforce_csrf_checks=True)

    reply = strict.post("/en/accounts/login/", {"login": "a@example.cn", "password": "x"})

    assert reply.status_code == 403
    assert "This form was not sent from a current page of this site." in reply.content.decode()


def test_too_many_attempts_end_in_a_page(client, monkeypatch):
    monkeypatch.setattr("allauth.account.app_settings.AppSettings.RATE_LIMITS", {"login": "1/m/ip"})

    replies = [client.post("/accounts/login/", {"login": "a@example.cn"}) for _turn in range(2)]

    assert replies[-1].status_code == 429
    assert "短时间内尝试次数过多。" in replies[-1].content.decode()


def test_a_fault_is_a_page_without_detail(monkeypatch):
    def broken(*_args, **_kwargs):
        raise RuntimeError("secret detail")

    monkeypatch.setattr(import_module("marketplace.views.home"), "latest_certificates", broken)
    client = Client(raise_request_exception=False)

    with CaptureQueriesContext(connection) as asked:
        reply = client.get("/")

    assert reply.status_code == 500
    assert "本站出现故障。" in reply.content.decode()
    assert "secret detail" not in reply.content.decode()
    assert len(asked) == 0


def test_a_bad_address_is_refused_in_its_own_language(client):
    assert "地址中不能含有 NUL 字节。" in client.get("/?q=%00").content.decode()
    reply = client.get("/en/?q=%00")
    assert reply.status_code == 422
    assert "A NUL byte cannot be part of an address." in reply.content.decode()


def test_a_program_gets_a_problem_where_there_is_no_page(client):
    reply = client.get("/api/v1/nowhere", headers={"accept-language": "en"})

    assert reply.status_code == 404
    assert reply["Content-Type"] == "application/problem+json"
    assert reply.json()["detail"] == "There is no page at this address."


def test_the_programming_interface_is_one_page_of_the_site(client):
    for language, title in (("zh-hans", "编程接口"), ("en", "Programming interface")):
        reply = client.get("/api/v1/docs", {"lang": language})
        page = reply.content.decode()

        assert reply.status_code == 200
        assert f"<h1>{title}</h1>" in page
        assert set(reply["Content-Security-Policy"].split("; ")) == CSP
        assert INLINE.findall(page) == []
        assert FOREIGN.findall(page) == []
        script = client.get(
            re.search(r'src="(/api/v1/docs[^"]*script[^"]*)"', page)[1].replace("&amp;", "&")
        )
        assert script["Content-Type"].startswith("application/javascript")
        assert "/api/v1/schema" in script.content.decode()


def test_the_reading_room_has_only_read_only_pages():
    pages = admin.site._registry

    assert {User, Event, Certificate} <= pages.keys()
    assert len({model._meta.app_label for model in pages}) == len(settings.LOCAL_APPS) - 1
    assert [m for m, page in pages.items() if not isinstance(page, ReadOnlyAdmin)] == []


def test_an_administrator_reads_everything(client, world):
    client.force_login(administrator())

    assert client.get("/break-glass/").status_code == 200
    for model in admin.site._registry:
        place = f"/break-glass/{model._meta.app_label}/{model._meta.model_name}/"
        assert (place, client.get(place).status_code) == (place, 200)
        if (row := model._default_manager.first()) is not None:
            reply = client.get(f"{place}{admin.utils.quote(row.pk)}/change/")
            assert (place, reply.status_code) == (place, 200)


def test_an_administrator_changes_nothing_there(client, world):
    client.force_login(administrator())
    facts = Event.objects.count()

    for model in admin.site._registry:
        place = f"/break-glass/{model._meta.app_label}/{model._meta.model_name}/"
        row = model._default_manager.first()
        key = admin.utils.quote(row.pk) if row is not None else "1"
        assert client.post(f"{place}add/", {}).status_code == 403
        assert client.post(f"{place}{key}/delete/", {"post": "yes"}).status_code in {403, 404}
        if row is not None:
            assert client.post(f"{place}{key}/change/", {}).status_code == 403
            assert client.post(f"{place}{key}/delete/", {"post": "yes"}).status_code == 403
            client.post(place, {"action": "delete_selected", "_selected_action": [str(row.pk)]})
            assert model._default_manager.filter(pk=row.pk).exists()
    assert Event.objects.count() == facts


def test_the_reading_room_sends_visitors_to_the_sign_in_of_the_site(client):
    reply = client.get("/break-glass/registry/certificate/", follow=True)

    last = reply.redirect_chain[-1][0]
    assert last == "/accounts/login/?next=/break-glass/registry/certificate/"


def test_the_reading_room_is_closed_to_everybody_else(client, world):
    for role in ("seller", "reviewer", "auditor"):
        client.force_login(User.objects.get(pk=world.actors[role].user_id))

        reply = client.get("/break-glass/registry/certificate/", follow=True)

        assert reply.status_code == 403
        assert "阅览室只对交易所管理员开放。" in reply.content.decode()


def administrator() -> User:
    """One of the exchange's first administrators."""
    return User.objects.get(pk=accounts.make_administrator().user_id)
