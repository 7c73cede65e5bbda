"""The catalogue: found by Chinese words, narrowed by facets, counted right."""

from datetime import timedelta

import pytest
from django.utils import timezone

from core.actors import ANYBODY
from core.errors import NotFound
from marketplace.queries import Filters, catalogue, listed, product_page
from marketplace.states import ProductState
from tests.factories.accounts import make_seller
from tests.factories.marketplace import make_listed, make_stall, make_zone
from tests.factories.registry import make_certificate, make_table

pytestmark = pytest.mark.django_db


def names(query="", page=1, **filters):
    return [line.name for line in catalogue(query, Filters(**filters), page).lines]


def make_weather(**options):
    """A listed product on an asset that speaks of weather."""
    seller, path = make_seller(), make_table()
    certificate = make_certificate(seller, path=path, name="重庆市气象观测数据集")
    return make_listed(seller, certificate=certificate, path=path, name="气象观测", **options)


def test_a_product_is_found_by_a_word_of_its_name_overview_scenario_seller_or_zone():
    make_listed(name="重庆市村级行政区划代码接口")
    make_weather(overview="逐小时降水。", zone=make_zone("低空经济专区"))

    assert names("区划") == ["重庆市村级行政区划代码接口"]
    assert names("降水") == ["气象观测"]
    assert names("低空经济") == ["气象观测"]
    assert set(names("设施布局")) == {"重庆市村级行政区划代码接口", "气象观测"}
    assert names("政") == ["重庆市村级行政区划代码接口"]
    assert names("气象观测数据集") == ["气象观测"]
    assert names("区划 降水") == []
    assert names("成都平原") == []
    assert names("，。") == []


def test_without_a_query_the_newest_come_first_and_pages_hold_twenty(monkeypatch):
    monkeypatch.setattr("marketplace.queries.listings.PAGE_SIZE", 2)
    for number in range(3):
        make_listed(name=f"产品{number}")

    found = catalogue()

    assert [line.name for line in found.lines] == ["产品2", "产品1"]
    assert (found.total, found.page, found.pages) == (3, 1, 2)
    assert names(page=2) == ["产品0"]
    assert names(page=3) == []
    assert len(names("产品", page=2)) == 1


def test_filters_narrow_a_search_and_facets_count_what_is_left():
    zone = make_zone("农业专区")
    first = make_listed(name="区划甲")
    make_listed(name="区划乙", zone=zone, offers_file=False)

    found = catalogue("区划")

    assert {facet.label: facet.count for facet in found.facets["zone"]} == {
        "成渝专区": 1,
        "农业专区": 1,
    }
    assert [(facet.value, facet.count) for facet in found.facets["form"]] == [
        ("rows", 2),
        ("file", 1),
    ]
    assert names("区划", zone=zone.pk) == ["区划乙"]
    assert names("区划", form="file") == ["区划甲"]
    assert names("区划", seller=first.seller.pk) == ["区划甲"]
    assert names(industry="A01") == []
    assert catalogue("区划", Filters(zone=zone.pk)).total == 1


def test_a_filter_finds_what_lies_behind_the_newest_matches(monkeypatch):
    monkeypatch.setattr("core.search.MAX_HITS", 2)
    oldest = make_listed(name="区划甲", zone=make_zone("农业专区"))
    for name in ("区划乙", "区划丙", "区划丁"):
        make_listed(name=name)

    every = catalogue("区划")

    assert ([line.name for line in every.lines], every.total) == (["区划丁", "区划丙"], 2)
    assert (every.more, [facet.count for facet in every.facets["zone"]]) == (True, [2])
    assert names("区划", zone=oldest.product.zone_id) == ["区划甲"]
    assert not catalogue("区划", Filters(zone=oldest.product.zone_id)).more


def test_a_line_says_price_code_and_that_it_is_a_demonstration():
    stall = make_listed()

    (line,) = catalogue("区划").lines

    assert (line.from_price_fen, line.code, line.demo) == (37, stall.certificate.code, True)


@pytest.mark.parametrize("state", [s for s in ProductState if s != ProductState.LISTED])
def test_what_is_not_listed_is_not_in_the_catalogue(state):
    make_stall().to(state)

    assert names("区划") == names() == []
    assert listed().count() == 0


def test_a_page_shows_policy_in_words_gates_and_prices():
    stall = make_listed()

    page = product_page(stall.product.pk, ANYBODY, timezone.now() + timedelta(days=1), "zh")

    assert page.prices == (37, 37)
    assert page.version.number == 1
    assert "城市规划" in page.policy[0]
    assert len(page.gates) == 14
    with pytest.raises(NotFound):
        product_page(make_stall().product.pk, ANYBODY, timezone.now())
