"""Looking at an address: what a page says of itself, what an entry is called, and the look as a process."""

import datetime
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from crawl_peer import Answer, Peer, article, environment, listing, report, write_entry
from family_sites import make_site, serve

from crawlers.pages import Page
from crawlers.probe import MOST_PAGES
from crawlers.registry import load_registry
from crawlers.scaffold import Draft, entry_text, propose_id, province_folder
from crawlers.signposts import column_name, signposts, site_name

URL = "http://www.example.gov.cn/zwgk/index.html"
GAZETTED = ("450381", "000000", None, "999999")


def page(text: str, url: str = URL) -> Page:
    return Page(url, text.encode())


# ---- what a page says -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("head", "name"),
    [
        ('<meta content="荔浦市人民政府门户网站" name="SiteName">', "荔浦市人民政府"),
        ('<META NAME="sitename" CONTENT=" 柳州市 市场监督管理局 "/>', "柳州市市场监督管理局"),
        ('<meta name="SiteName" content=""><title>政府信息公开年报_演示县人民政府</title>', "演示县人民政府"),
        ("<title>政府信息公开年报-演示县人民政府网</title>", "演示县人民政府"),
        ("<title>政府信息公开年报</title>", ""),
        ("", ""),
    ],
)
def test_the_body_is_named_by_meta_or_title(head: str, name: str) -> None:
    assert site_name(page(f"<html><head>{head}</head><body></body></html>")) == name


def test_the_column_is_named_by_meta_or_title() -> None:
    assert column_name(page('<meta name="ColumnName" content="信息公开年报"><title>首页</title>')) == "信息公开年报"
    assert column_name(page("<title>政府信息公开年度报告 | 某县</title>")) == "政府信息公开年度报告"
    assert column_name(page("<title>首页</title>")) == ""


@pytest.mark.parametrize(
    ("body", "target", "how"),
    [
        ("<meta content=\"0; URL='list.html'\" http-equiv=Refresh>", "list.html", "a meta refresh"),
        ('<meta http-equiv="refresh" content="1;list.html">', "list.html", "a meta refresh"),
        ('<script>window.location.href="./list.html";</script>', "list.html", "a redirect by script"),
        ("<script>location.replace('list.html')</script>", "list.html", "a redirect by script"),
        ('<script>top.location = "list.html"</script>', "list.html", "a redirect by script"),
        ('<p>年报</p><iframe src="list.html"></iframe>', "list.html", "a frame"),
        ('<iframe src="/visit/count.jsp"></iframe><iframe data-src="list.html"></iframe>', "list.html", "a frame"),
    ],
)
def test_a_page_without_a_list_sends_on(body: str, target: str, how: str) -> None:
    posts = signposts(page(f"<html>{body}</html>"))
    assert [(post.url, post.how) for post in posts] == [(f"http://www.example.gov.cn/zwgk/{target}", how)]


def test_frames_of_others_and_buttons_send_nobody() -> None:
    text = "政府信息公开" * 100
    button = f"<p>{text}</p><script>function go(){{ location.href = '/search.html' }}</script>"
    assert signposts(page(button)) == ()
    assert signposts(page('<iframe src="http://counter.example.com/list.html"></iframe>')) == ()
    assert signposts(page('<iframe src="/pdfjs/report.pdf"></iframe>')) == ()


# ---- what an entry is called ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "code", "expected"),
    [
        ("http://scjgj.liuzhou.gov.cn/zwgk/zfxxgknb/", "450200", "guangxi-liuzhou-scjgj"),
        ("http://www.mva.gov.cn/gongkai/", "000000", "central-mva"),
        ("http://www.lipu.gov.cn/xxgk/", None, "lipu"),
        ("http://www.shanxi.gov.cn/zfxxgk/", "140000", "shanxi"),
        ("http://127.0.0.1:8099/col/", None, "local-8099"),
        ("http://WWW.Some_Town.gov.cn/", "110101", "beijing-some-town"),
    ],
)
def test_an_id_is_made_of_place_and_host(url: str, code: str | None, expected: str) -> None:
    assert propose_id(url, code) == expected


def test_an_id_that_is_taken_is_told_apart_by_the_path_then_by_number() -> None:
    url = "http://www.lipu.gov.cn/xxgk/zfxxgknb/index.html"
    assert propose_id(url, None, {"lipu"}) == "lipu-zfxxgknb"
    assert propose_id(url, None, {"lipu", "lipu-zfxxgknb"}) == "lipu-zfxxgknb-2"
    assert propose_id("http://www.lipu.gov.cn/", None, {"lipu"}) == "lipu-2"


def test_folders_are_provinces() -> None:
    assert [province_folder(code) for code in GAZETTED] == ["guangxi", "_central", "_unplaced", "_unplaced"]
    assert (province_folder("140100"), province_folder("610100")) == ("shanxi", "shaanxi")


def test_an_entry_is_read_back_as_it_was_meant(tmp_path: Path) -> None:
    draft = Draft(
        id="guangxi-lipu",
        name="荔浦市: 人民政府",
        family="hanweb",
        index_url="http://www.lipu.gov.cn/col/col1/index.html#2",
        division_code="450381",
        allowed_hosts=["zwgk.lipu.gov.cn"],
        delay_seconds=4.5,
        column="年度报告",
        options={"column_id": "012"},
        verified=datetime.date(2026, 1, 2),
        notes="一行很长的说明, " * 30,
    )
    file = tmp_path / "guangxi" / "guangxi-lipu.yml"
    file.parent.mkdir()
    file.write_text(entry_text(draft), "utf-8")
    registry = load_registry(tmp_path)
    assert registry.problems == ()
    portal = registry.portals[0]
    assert (portal.id, portal.name, portal.division_code, portal.verified) == (
        "guangxi-lipu",
        "荔浦市: 人民政府",
        "450381",
        "2026-01-02",
    )
    assert portal.index_url == draft.index_url
    assert portal.options.model_dump()["column_id"] == "012"
    assert "zwgk.lipu.gov.cn" in portal.allowed_hosts
    short = Draft(id="a", name="甲", family="hanweb", index_url="http://a.test/", delay_seconds=0)
    assert yaml.safe_load(entry_text(short)) == {
        "id": "a",
        "name": "甲",
        "family": "hanweb",
        "index_url": "http://a.test/",
        "delay_seconds": 0,
        "verified": "never",
    }


# ---- the look as a process ------------------------------------------------------------------------------------------


def probe(*arguments: object, proxy: str | None = None) -> tuple[int, list[dict[str, Any]], str]:
    """`python -m crawlers.probe`: exit code, objects, words."""
    done = subprocess.run(
        [sys.executable, "-m", "crawlers.probe", *(str(argument) for argument in arguments)],
        env=environment(proxy),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()], done.stderr


COLUMN = listing(report(1), report(2), ("./g.html", "政府信息公开指南", "2021-01-03"), after="createPageHTML(9, 0)")


@pytest.mark.parametrize(
    "stub",
    [
        '<html><head><meta http-equiv="refresh" content="0;url=/nb/"></head></html>',
        '<html><script>window.location="/nb/"</script></html>',
        '<html><body><h1>年报</h1><iframe src="/nb/"></iframe></body></html>',
    ],
)
def test_one_step_on_is_taken_and_told(stub: str) -> None:
    with Peer({"/": stub, "/nb/": COLUMN}) as peer:
        code, (found,), _ = probe(peer.url(), "--delay", "0")
    assert code == 0
    assert found["error"] is None
    assert found["index_url"] == peer.url("/nb/")
    assert found["family"] == "static_paged"
    assert len(found["steps"]) == 1
    assert [row["verdict"] for row in found["rows"]] == ["collect", "collect", "near_miss"]
    assert peer.paths == ["/robots.txt", "/", "/nb/"], "a report was asked for, or a page twice"


def test_years_that_lead_to_reports_are_rows_to_collect() -> None:
    years = "".join(
        f'<tr><td>{body}</td><td><a href="show.aspx?dept={number}&year=2022">2022年度</a></td></tr>'
        for number, body in enumerate(("区财政局", "丹山镇"))
    )
    text = "一、总体情况 二、主动公开政府信息情况 三、收到和处理政府信息公开申请情况 四、行政复议 五、存在的主要问题"
    pages = {f"/nb/show.aspx?dept={number}&year=2022": article(f"报告{number}", f"<p>{text}</p>") for number in (0, 1)}
    with Peer({"/nb/list.aspx": f"<html><body><table>{years}</table></body></html>", **pages}) as peer:
        code, (found,), _ = probe(peer.url("/nb/list.aspx"), "--delay", "0")
    assert code == 0
    assert (found["error"], found["family"]) == (None, "linked")
    assert [row["verdict"] for row in found["rows"]] == ["collect"]


def test_a_look_is_short_and_polite() -> None:
    years = "".join(f'<li><a href="./{year}n/">{year}年</a></li>' for year in range(2010, 2024))
    empty = "<html><body><p>createPageHTML(1, 0)</p></body></html>"
    pages = {f"/nb/{year}n/": empty for year in range(2010, 2024)}
    with Peer({"/nb/": f"<html><script>createPageHTML(1,0)</script><ul>{years}</ul></html>", **pages}) as peer:
        code, (found,), _ = probe(peer.url("/nb/"), "--delay", "0.05")
    assert code == 0
    assert len(found["columns"]) == 14
    assert len(peer.log) <= MOST_PAGES + 1  # robots.txt
    assert peer.most_together == 1
    assert all("ogi-warehouse" in asked.agent for asked in peer.log)


def test_a_home_page_names_the_column_that_was_meant() -> None:
    home = '<html><body><a href="/zwgk/nb/">政府信息公开年报</a><a href="/news/">要闻</a></body></html>'
    with Peer({"/": home}) as peer:
        code, (found,), _ = probe(peer.url(), "--delay", "0")
    assert code == 0
    if found["error"] is not None:  # a family that reads any page may find a column there by itself
        assert found["error"]["kind"] == "no_list"
        assert f"perhaps {peer.url('/zwgk/nb/')}" in found["error"]["sentence"]


def test_a_page_that_only_scripts_fill_names_the_browser() -> None:
    with Peer({"/": '<html><body><div id="app"></div><script src="/app.js"></script></body></html>'}) as peer:
        code, (found,), _ = probe(peer.url(), "--delay", "0")
        assert peer.paths == ["/robots.txt", "/"]
    assert code == 0
    assert found["error"]["kind"] == "shell"
    assert "try --browser" in found["error"]["sentence"]


@pytest.mark.parametrize(
    ("pages", "kind", "words"),
    [
        ({"/robots.txt": "User-agent: *\nDisallow: /\n", "/nb/": COLUMN}, "robots", "robots.txt forbids this address"),
        ({"/nb/": Answer("<script>document.cookie=1</script>", 521)}, "challenge", "not worked round"),
        ({}, "no_page", "404: there is no such page"),
        (
            {"/nb/": Answer("", 302, headers={"Location": "http://elsewhere.gov.cn/nb/"})},
            "other_host",
            "elsewhere.gov.cn",
        ),
    ],
)
def test_a_refusal_is_a_sentence(pages: dict[str, Any], kind: str, words: str) -> None:
    with Peer(pages) as peer:
        code, (found,), _ = probe(peer.url("/nb/"), "--delay", "0")
    assert code == 0
    assert found["error"]["kind"] == kind
    assert words in found["error"]["sentence"]
    assert found["rows"] == []


def test_a_look_called_wrongly_ends_with_2() -> None:
    assert probe()[0] == 2
    code, found, words = probe("http://www.example.com/")
    assert (code, found) == (2, [])
    assert "not under .gov.cn" in words


def test_entries_are_checked_against_their_portals(tmp_path: Path) -> None:
    sites = [make_site("static_paged", seed=1), make_site("hanweb", seed=2)]
    registry = tmp_path / "registry"
    with serve(tmp_path / "sites", *sites) as server:
        for made in sites:
            write_entry(registry, made.site.id, made.site.family, made.index_url)
        write_entry(registry, "wrong-family", "hanweb", f"{sites[0].index_url}index.html")
        write_entry(registry, "gone", "hanweb", f"http://{sites[1].site.host}/col/col9/index.html")
        code, found, words = probe("--registry", registry, proxy=server.proxy_url)
        assert code == 0, words
        states = {one["portal"]: (one["state"], one["sentence"]) for one in found}
        assert states[sites[0].site.id] == ("ok", None)
        assert states[sites[1].site.id] == ("ok", None)
        assert states["gone"][0] == "drift"
        assert all(server.max_concurrent(made.site.host) == 1 for made in sites)
        assert len(server.requests) < 14
