"""Lists with numbered pages: every numbering of the table is known by its signs and read to its end."""

from pathlib import Path

import pytest
from family_sites import assert_collected
from family_variants import column_page, crawl_variants, lists_of

from crawlers.page_numbers import DIALECTS, by_parameter, dialects_of, learn, numbered_address
from crawlers.pages import Page
from crawlers.recognition import recognise

BY_NAME = {dialect.name: dialect for dialect in DIALECTS}


@pytest.mark.parametrize(
    ("dialect", "first", "third"),
    [
        ("bare_number", "/zwgk/zfxxgknb/1.html", "/zwgk/zfxxgknb/3.html"),
        ("bare_number", "/zwgk/zfxxgknb/", "/zwgk/zfxxgknb/3.html"),
        ("bare_number", "/zwgk/zfxxgknb/index.shtml", "/zwgk/zfxxgknb/3.shtml"),
        (
            "ilist",
            "/info/iList.jsp?node_id=GKszf&cat_id=15282",
            "/info/iList.jsp?node_id=GKszf&cat_id=15282&cur_page=3",
        ),
        ("ilist", "/info/iList.jsp?cat_id=1&cur_page=1&tm_id=4", "/info/iList.jsp?cat_id=1&cur_page=3&tm_id=4"),
        ("jeecms", "/zfxxgknb2022/index.jhtml", "/zfxxgknb2022/index_3.jhtml"),
        ("jeecms", "/zfxxgknb2022/", "/zfxxgknb2022/index_3.jhtml"),
        ("jeecms", "/c/www/bmnb.jhtml", "/c/www/bmnb_3.jhtml"),
        ("totalpage", "/nw12344/index.html", "/nw12344/index_3.html"),
        ("totalpage", "/nw12344/", "/nw12344/index_3.html"),
        ("dash", "/nb/column-index-1.shtml", "/nb/column-index-3.shtml"),
        ("dash", "/nb/list.shtml", "/nb/list-3.shtml"),
    ],
)
def test_a_numbering_makes_the_address_of_a_page(dialect: str, first: str, third: str) -> None:
    made = numbered_address(BY_NAME[dialect], f"http://a.gov.cn{first}", 3)
    assert made == f"http://a.gov.cn{third}"


def test_a_number_in_the_query_is_counted_as_the_address_counts_it() -> None:
    assert by_parameter("http://a.gov.cn/x.aspx?cid=1019&page=1", 3) == "http://a.gov.cn/x.aspx?cid=1019&page=3"
    assert by_parameter("http://a.gov.cn/x.aspx?pageIndex=0&cid=1", 3) == "http://a.gov.cn/x.aspx?pageIndex=2&cid=1"
    assert by_parameter("http://a.gov.cn/x.aspx?cid=1019", 3) is None


def test_the_numbering_is_learned_from_the_pages_that_are_linked() -> None:
    base = "http://a.gov.cn/c12/list"
    assert learn({2: f"{base}_1.html", 3: f"{base}_2.html"}, 7) == f"{base}_6.html"
    assert learn({2: f"{base}?p=2&t=5", 9: f"{base}?p=9&t=5"}, 4) == f"{base}?p=4&t=5"
    assert learn({2: "http://a.gov.cn/x/abc.html"}, 3) is None


@pytest.mark.parametrize(
    ("dialect", "body", "path"),
    [
        ("ilist", "<script>var u='/info/iList.jsp?cat_id=15282&cur_page='+p</script>", "/zwgk/nb/"),
        ("ilist", "", "/info/iList.jsp?tm_id=4&cat_id=15282"),
        ("jeecms", "<a href='24968813.jhtml'>a</a><a href='/c/166938.jhtml'>b</a>", "/zfxxgknb2022/"),
        ("totalpage", "<script>$('#p').pagination({ currentPage:1, totalPage: 4 })</script>", "/nw12344/index.html"),
        (
            "bare_number",
            "<a href='63ae9ee5f8fd1c4c2133970d.html'>a</a><a href='1533676551588134914.html'>b</a>",
            "/zfxxgknb/1.html",
        ),
    ],
)
def test_a_numbering_is_known_by_its_signs(dialect: str, body: str, path: str) -> None:
    found = [known.name for known, _ in dialects_of(Page(f"http://a.gov.cn{path}", body.encode()))]
    assert found == [dialect]


@pytest.mark.parametrize("dialect", ["bare_number", "ilist", "jeecms", "totalpage"])
def test_its_own_pages_are_recognised_and_no_others(dialect: str) -> None:
    found = recognise(column_page("numbered", {"dialect": dialect}))
    assert found[0].family == "numbered"
    assert found[0].weight >= 85


@pytest.mark.parametrize("family", ["static_paged", "hanweb", "truecms", "gongkai", "linked"])
def test_pages_of_others_are_left_to_them(family: str) -> None:
    assert all(found.family != "numbered" for found in recognise(column_page(family)))


VARIANTS = {
    "digits": {"ids": "digits"},
    "nothing said": {"says_pages": False},
    "linked": {"links": True},
    "last page again": {"beyond": "last", "says_pages": False},
    "another column": {"beyond": "elsewhere", "says_pages": False},
    "ilist": {"dialect": "ilist", "says_pages": False, "beyond": "last"},
    "jeecms": {"dialect": "jeecms", "says_pages": False},
    "jeecms from zero": {"dialect": "jeecms", "from_zero": True},
    "shanghai": {"dialect": "totalpage", "years": True},
    "shanghai from zero": {"dialect": "totalpage", "from_zero": True},
}


def test_every_habit_is_collected_in_full(tmp_path: Path) -> None:
    server, runs = crawl_variants(tmp_path, "numbered", VARIANTS)
    for name, (made, run) in runs.items():
        assert_collected(run, server, made)
        assert not any("/czj/" in (row.url or "") for row in run.rows), f"{name}: another column's rows were taken"
        assert len(lists_of(run)) <= 8, name


def test_a_page_too_many_is_asked_for_once_at_most(tmp_path: Path) -> None:
    bare = {"says_pages": False, "site": {"negatives": False, "twins": False}}
    few = {**bare, "site": {**bare["site"], "reports": 2}}
    _, runs = crawl_variants(tmp_path, "numbered", {"some": bare, "few": few}, reports=4)
    asked = {name: [(row.url or "").rpartition("/")[2] for row in lists_of(run)] for name, (_, run) in runs.items()}
    assert asked == {"some": ["1.html", "2.html"], "few": ["1.html"]}
    assert max(event.get("failed", 0) for event in runs["some"][1].events) == 0
