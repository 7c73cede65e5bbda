"""The catalogue, a product and its provider, as anybody sees them."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.templatetags.tally import marked
from marketplace import industries
from marketplace.models import Product
from marketplace.states import ProductState
from tests.factories import accounts, marketplace

pytestmark = pytest.mark.django_db


@pytest.fixture
def stall():
    return marketplace.make_listed()


def body(client, path) -> str:
    reply = client.get(path)
    assert reply.status_code == 200
    return reply.content.decode()


def test_the_catalogue_lists_searches_and_narrows(client, stall):
    product = stall.product

    assert product.name in body(client, "/catalogue")
    assert f'href="/products/{product.pk}"' in body(client, f"/catalogue?q={product.name[:2]}")
    assert product.name in body(client, f"/catalogue?zone={product.zone_id}&form=rows")
    nothing = body(client, "/catalogue?q=不存在的词")
    assert "没有符合条件的产品" in nothing
    assert product.name not in nothing


def test_a_filter_in_force_stands_as_a_chip_that_lets_go_of_it(client, stall):
    shown = body(client, f"/catalogue?zone={stall.product.zone_id}&q=示例")

    assert (
        f'<a class="ts-chip" href="?q=%E7%A4%BA%E4%BE%8B"><bdi>{stall.product.zone.name}' in shown
    )


def test_htmx_gets_the_results_alone(client, stall):
    reply = client.get("/catalogue", headers={"HX-Request": "true"})

    assert stall.product.name in reply.content.decode()
    assert "<html" not in reply.content.decode()
    assert "HX-Request" in reply["Vary"]


@pytest.mark.parametrize("query", ["page=0", "page=x", "form=card", "q=" + "x" * 101])
def test_a_bad_address_is_refused_and_a_strange_one_is_not(client, stall, query):
    assert client.get(f"/catalogue?{query}").status_code == 422
    assert client.get("/catalogue?utm=1&theme=dark").status_code == 200


def test_a_products_page_shows_its_papers(client, stall):
    product = stall.product

    for prefix in ("", "/en"):
        shown = body(client, f"{prefix}/products/{product.pk}")
        for text in (product.name, product.seller.name, stall.certificate.code, product.asset.name):
            assert text in shown or text == product.asset.name


def test_a_products_page_says_the_licence_in_the_readers_language(client, stall):
    assert "可以使用数据" in body(client, f"/products/{stall.product.pk}")
    assert "The data may be used" in body(client, f"/en/products/{stall.product.pk}")


def test_what_is_not_listed_is_not_found_by_others(client, stall):
    Product.objects.filter(pk=stall.product.pk).update(
        state=ProductState.SUSPENDED, suspended_at=stall.product.listed_at, reason="测试"
    )

    assert client.get(f"/products/{stall.product.pk}").status_code == 404
    assert client.get("/products/prd_none").status_code == 404


def test_a_provider_is_public_once_something_of_it_was_listed(client, stall):
    other = accounts.make_buyer()

    assert stall.product.name in body(client, f"/providers/{stall.product.seller_id}")
    assert client.get(f"/providers/{other.pk}").status_code == 404


def test_a_hostile_name_is_inert(client, stall):
    Product.objects.filter(pk=stall.product.pk).update(name="<script>x</script>")

    assert "<script>x" not in body(client, f"/products/{stall.product.pk}")
    assert "<script>x" not in body(client, "/catalogue")


def test_pages_ask_the_database_little(client, stall):
    for path in (
        "/catalogue",
        f"/products/{stall.product.pk}",
        f"/providers/{stall.product.seller_id}",
    ):
        with CaptureQueriesContext(connection) as asked:
            client.get(f"/{path}")

        assert len(asked) <= 12, "\n".join(q["sql"][:400] for q in asked)


def test_the_words_that_were_found_are_marked_and_stay_inert(client, stall):
    Product.objects.filter(pk=stall.product.pk).update(name="示例<b>产品 ROWS")

    shown = body(client, "/catalogue?q=示例")

    assert "<mark>示例</mark>&lt;b&gt;产品 ROWS" in shown
    assert marked("Rows & rows", "ROWS") == "<mark>Rows</mark> &amp; <mark>rows</mark>"
    assert marked("<i>", "") == "&lt;i&gt;"
    assert marked("a.b", ".") == "a.b"


def test_an_industry_is_called_by_its_section(client, stall):
    assert "信息传输、软件和信息技术服务业 I65" in body(client, "/catalogue")
    assert industries.called("I65") != industries.called("J66")
    assert industries.called("Z99") == "Z99"
