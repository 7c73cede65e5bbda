"""The home page of an exchange in which nothing has happened yet."""

import pytest

from tests.factories.marketplace import make_listed, make_zone
from tests.factories.registry import Story, make_certificate

pytestmark = pytest.mark.django_db


def test_an_empty_exchange_says_so_and_what_to_do(client):
    page = client.get("/").content.decode()

    assert "还没有登记。" in page
    assert 'href="/help"' in page
    assert "目前没有公示。" in page
    assert 'id="zones"' not in page
    assert "尚未锚定" in page
    assert "ts-stub" not in page


def test_a_certificate_that_is_not_sealed_yet_is_shown_as_such(client):
    certificate = make_certificate()

    page = client.get("/en/").content.decode()

    assert certificate.asset.name in page
    assert "Not yet sealed" in page
    assert ", anchored" not in page


def test_home_leads_to_the_search_the_zones_and_the_notices(client, django_assert_max_num_queries):
    stall = make_listed()
    for _ in range(6):
        story = Story(workdays=3)
        story.to("publicity")

    with django_assert_max_num_queries(12):
        page = client.get("/").content.decode()

    product = stall.product
    assert '<form class="ts-search" role="search" action="/catalogue">' in page
    assert f'href="/catalogue?zone={product.zone_id}"' in page
    assert f'href="/products/{product.pk}"' in page
    assert page.count('class="ts-count"') == 4
    assert "剩余工作日" in page


@pytest.mark.parametrize("prefix", ["", "/en"])
def test_the_pages_that_explain_are_open_to_everybody(
    client, prefix, django_assert_max_num_queries
):
    zone = make_zone()

    for name in ("rules", "help", "accessibility", "log"):
        with django_assert_max_num_queries(12):
            assert client.get(f"{prefix}/{name}").status_code == 200, name
        assert f'href="{prefix}/{name}"' in client.get(f"{prefix}/").content.decode()
    rules = client.get(f"{prefix}/rules").content.decode()
    for text in (zone.name, "3.00%", "6.00%", "G11", "交易所登记规则", "GB/T 43697-2024"):
        assert text in rules
