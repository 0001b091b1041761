"""Manners without a network: cookies, turns by machine, patience, and what came in place of an article."""

import asyncio
from time import monotonic

import pytest
from scrapy import Request
from scrapy.http import Response

from crawlers.answers import Article, Kind, judge_article
from crawlers.archive import FetchRow, Outcome, Role
from crawlers.collection import Task
from crawlers.cookies import CookieBook
from crawlers.hosts import machines_of
from crawlers.impostors import Impostors, impossible_address
from crawlers.middlewares import Proxy, asked_pause
from crawlers.pages import Page
from crawlers.politeness import BREAKS_BEFORE_STOP, HostBook, NotAsked
from crawlers.registry import Portal
from crawlers.robots import ALLOW_ALL, read_robots
from crawlers.schedule import may_pass
from crawlers.second_look import StubGate
from crawlers.validation import is_cut, is_firewall, is_whole_page, judge_response, sends_on_to

URL = "http://www.example.gov.cn/zwgk/t1.html"


@pytest.mark.parametrize(
    ("line", "url", "sent"),
    [
        ("CT6T=a; Path=/; HttpOnly", URL, "CT6T=a"),
        ("CT6T=a; Domain=.gov.cn", "http://other.gov.cn/zwgk/", None),
        ("a=1; Secure; Path=/", URL, None),
        ("a=1; Max-Age=0; Path=/", URL, None),
        ("a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/", URL, None),
        ("a=1; Path=/other", URL, None),
        ("a=1", "http://www.example.gov.cn/zwgk/t2.html", "a=1"),
        ("no cookie", URL, None),
        ("a=x\r\nInjected: 1; Path=/", URL, None),
    ],
)
def test_a_cookie_goes_back_to_its_host_alone(line: str, url: str, sent: str | None) -> None:
    book = CookieBook()
    book.keep(URL, [line])
    assert book.header(url) == sent


def test_the_same_cookie_again_is_no_change() -> None:
    book = CookieBook()
    assert book.keep(URL, ["a=1; Path=/"])
    assert not book.keep(URL, ["a=1; Path=/"])
    assert book.keep(URL, ["a=2; Path=/"])
    book.keep(URL, [f"c{number}=1; Path=/" for number in range(100)])
    assert len((book.header(URL) or "").split("; ")) == 30


def test_the_proxy_of_the_environment_is_used_but_for_the_hosts_it_spares(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://user:word@proxy.test:3128/")
    monkeypatch.delenv("https_proxy", raising=False)
    monkeypatch.setenv("no_proxy", "near.test")
    proxy, through = Proxy(), "http://proxy.test:3128"
    asked = [
        Request(url) for url in ("http://far.test/1", "http://near.test/", "https://far.test/", "http://far.test/2")
    ]
    for request in asked:
        assert proxy.process_request(request) is None
    assert [request.meta.get("proxy") for request in asked] == [through, None, None, through]
    assert asked[3].headers["Proxy-Authorization"] == b"Basic dXNlcjp3b3Jk"


def test_what_is_held_of_a_page_is_not_said_of_the_one_that_it_sends_on_to() -> None:
    portal = Portal(id="p", name="某县", family="static_paged", index_url="http://a.test/")
    held = FetchRow(
        run_id="1", portal_id="p", url="http://a.test/1.html", final_url="http://a.test/2.html", role=Role.ARTICLE,
        outcome=Outcome.STORED, requested_at="2026-01-01T00:00:00.000000+00:00", sha256="0" * 64, etag='"two"',
    )  # fmt: skip
    task = Task(portal=portal, url="http://a.test/1.html", ask="http://a.test/1.html", role=Role.ARTICLE, previous=held)
    request = Request(task.ask, headers={"If-Modified-Since": "Thu, 01 Jan 2026 00:00:00 GMT"}, meta={"task": task})
    elsewhere = StubGate._onward(request, "http://a.test/3.html", led=True)
    known = StubGate._onward(request, "http://a.test/2.html", led=True)
    assert (elsewhere.headers.get("If-Modified-Since"), elsewhere.headers.get("If-None-Match")) == (None, None)
    assert (known.headers.get("If-Modified-Since"), known.headers.get("If-None-Match")) == (None, b'"two"')


def test_hosts_on_one_machine_share_a_turn() -> None:
    machines = {"a": frozenset({"203.0.113.1", "203.0.113.2"}), "b": frozenset({"203.0.113.2"}), "c": frozenset()}

    async def resolve(host: str) -> frozenset[str]:
        return machines[host]

    async def run() -> dict[str, list[float]]:
        book, times = HostBook(resolve), {}
        for host in machines:
            book.slow_down(host, 0.1)

        async def ask(host: str) -> None:
            async with book.turn(host):
                start = monotonic()
                await asyncio.sleep(0.02)
                times[host] = [start, monotonic()]

        await asyncio.gather(*(ask(host) for host in machines))
        return times

    times = asyncio.run(run())
    first, second = sorted((times["a"], times["b"]))
    assert second[0] - first[1] >= 0.1
    assert times["c"][0] < first[1]


def test_our_own_machines_are_not_looked_up() -> None:
    for host in ("one.test", "127.0.0.1:8000", "localhost"):
        assert asyncio.run(machines_of(host)) == frozenset()


def test_a_host_that_was_asked_too_fast_is_asked_more_slowly_for_a_while() -> None:
    book = HostBook()
    book.slow_down("a", 2.0)
    book.answered("a", 503, "u1")
    assert book.host("a").pause == 4.0
    for number in range(10):
        book.answered("a", 200, f"u{number}")
    assert book.host("a").pause == 2.0


def test_two_addresses_refused_in_a_row_stop_a_host_and_one_refused_twice_does_not() -> None:
    book = HostBook()
    book.answered("a", 403, "u1")
    book.answered("a", 403, "u1")
    book.check("a")
    book.answered("a", 403, "u2")
    with pytest.raises(NotAsked, match="refused 2 addresses"):
        book.check("a")


def test_a_host_that_gives_no_answer_is_left_alone_also_while_many_addresses_are_tried() -> None:
    book = HostBook()
    for _ in range(BREAKS_BEFORE_STOP - 1):
        book.broke("a", Outcome.NETWORK_ERROR, "reset")
    book.answered("a", 200, "u")
    book.broke("a", Outcome.NETWORK_ERROR, "reset")
    book.check("a")
    for _ in range(BREAKS_BEFORE_STOP):
        book.broke("a", Outcome.NETWORK_ERROR, "reset")
    with pytest.raises(NotAsked, match="no answer"):
        book.check("a")


def test_a_run_that_goes_on_leaves_a_host_alone_that_sent_its_list_for_every_article() -> None:
    said = "not asked: the portal sends its list page in place of articles (5 in a row, and one that came before)"
    row = FetchRow(
        run_id="1", portal_id="p", url="http://a.test/1.html", role=Role.ARTICLE, outcome=Outcome.ERROR_PAGE,
        reason=said, requested_at="2026-01-01T00:00:00.000000+00:00",
    )  # fmt: skip
    book = HostBook()
    book.relive([row])
    with pytest.raises(NotAsked, match="list page") as refused:
        book.check("a.test")
    assert (refused.value.reason, refused.value.outcome) == (said, Outcome.ERROR_PAGE)
    assert may_pass(row)


def test_a_404_is_believed_of_a_host_that_gives_documents() -> None:
    book = HostBook()
    assert not book.believes_missing("a")
    book.document("a")
    assert book.believes_missing("a")


def page(text: str, url: str = URL) -> Page:
    return Page(url, f"<html><head><title>网站</title></head><body>{text}</body></html>".encode())


TITLE = "某区水利局2023年政府信息公开工作年度报告"
NAV = "首页 政务公开 政务服务 互动交流 走进某区 无障碍 长者版" * 3


def test_the_page_for_what_does_not_exist_is_known_again_when_only_its_counter_differs() -> None:
    impostors = Impostors()
    soft = page(f"{NAV} 访问量 1024")
    assert impostors.judge(soft, TITLE) is None
    assert impostors.doubts(soft, TITLE)
    impostors.learn(URL, 200, page(f"{NAV} 访问量 1077").body, "text/html")
    suspicion = impostors.judge(soft, TITLE)
    assert suspicion is not None
    assert "do not exist" in suspicion.finding.reason


def test_the_page_for_what_does_not_exist_is_known_again_when_it_repeats_the_address() -> None:
    impostors = Impostors()

    def soft(url: str, counter: int) -> Page:
        path = url.removeprefix("http://www.example.gov.cn")
        text = f"<html><body><div>{NAV[:100]}</div><p>请求 {path} 已处理，编号{counter}</p></body></html>"
        return Page(url, text.encode())

    made_up = impossible_address(URL)
    impostors.learn(made_up, 200, soft(made_up, 1).body, "text/html")
    suspicion = impostors.judge(soft(URL, 2), TITLE)
    assert suspicion is not None
    assert "do not exist" in suspicion.finding.reason


def test_a_page_that_bears_its_title_or_reads_like_a_report_is_never_doubted() -> None:
    impostors = Impostors()
    assert not impostors.doubts(page(f"<h1>某区水利局 2023 年度报告</h1>{NAV}"), TITLE)
    assert not impostors.doubts(page("一、总体情况"), "区水利局")
    assert impostors.doubts(page(f"<a href='x'>{TITLE}</a>{NAV}"), TITLE)


def test_one_page_under_two_titles_is_an_impostor_and_twins_are_not() -> None:
    impostors = Impostors()
    assert impostors.judge(page(NAV), TITLE) is None
    assert impostors.judge(page(NAV), TITLE.replace("水利局", "教育局")) is not None
    report = page(f"<h1>{TITLE}</h1>")
    assert impostors.judge(report, TITLE) is None
    assert impostors.judge(report, TITLE) is None


def test_an_address_that_cannot_exist_is_the_same_each_time_and_stands_beside() -> None:
    made_up = impossible_address(URL)
    assert made_up == impossible_address(URL) != URL
    assert made_up.startswith("http://www.example.gov.cn/zwgk/")
    assert made_up.endswith(".html")


@pytest.mark.parametrize(
    ("body", "target"),
    [
        ('<html><meta http-equiv="refresh" content="0;url=./list.html"></html>', "http://a.gov.cn/x/list.html"),
        ('<meta content="1; URL=/b?c=1&amp;d=2" http-equiv=Refresh>', "http://a.gov.cn/b?c=1&d=2"),
        ('<script>window.location.href = "/col/col1/index.html";</script>', "http://a.gov.cn/col/col1/index.html"),
        ("<script>location.replace('http://mp.weixin.qq.com/s/1')</script>", "http://mp.weixin.qq.com/s/1"),
        ('<html><meta http-equiv="refresh" content="300;url=/"></html>', None),
        ('<script>document.cookie="a=1";location.href="/x"</script>', None),
        ('<script>if(navigator.userAgent.match(/Mobile/))location.href="/m/"</script>', None),
        ('<script>location.href="/x?" + Date.now()</script>', None),
        (f'<html><script>location.href="/x";</script><p>{"正文" * 100}</p></html>', None),
    ],
)
def test_a_page_that_only_sends_on_is_told_from_one_to_be_read(body: str, target: str | None) -> None:
    assert sends_on_to(Page("http://a.gov.cn/x/", body.encode())) == target


def test_a_page_is_whole_to_its_one_closing_tag() -> None:
    assert is_whole_page(b"<html><p>a</p></html>\n<!-- 12 ms -->")
    assert not is_whole_page(b"<html><p>a</p></html><html></html>")
    assert not is_whole_page(b"<html><p>a")
    assert is_cut(b"<html><p>a")
    assert not is_cut(b"<p>a fragment</p>")


def test_a_firewall_is_known_by_its_cookie_and_only_of_a_refusal() -> None:
    assert is_firewall(403, ["Set-Cookie: wzws_sessionid=1"])
    assert not is_firewall(200, ["Set-Cookie: wzws_sessionid=1"])
    assert not is_firewall(403, ["Server: nginx"])


def test_a_report_under_the_name_of_a_word_file_is_the_file_also_as_html() -> None:
    text = f"<html><body><h1>{TITLE}</h1>一、总体情况{'正文。' * 400}</body></html>"
    assert judge_response(role=Role.ATTACHMENT, status=200, body=text.encode()) is None
    login = b"<html><body>login</body></html>"
    finding = judge_response(role=Role.ATTACHMENT, status=200, body=login)
    assert finding is not None
    assert finding.outcome is Outcome.ERROR_PAGE


def test_a_robots_file_that_is_no_text_forbids_nothing() -> None:
    assert read_robots(b"<html><body>404</body></html>") is ALLOW_ALL
    assert not read_robots(b"\xef\xbb\xbfUser-agent: *\nDisallow: /").allows(URL)
    assert read_robots(b"404 not found").allows(URL)


@pytest.mark.parametrize("status", [202, 400, 503])
def test_a_challenge_is_known_by_its_script_whatever_its_status(status: int) -> None:
    script = b"<html><head><script>$_ts=window['$_ts'];$_ts.cd='q';</script></head><body></body></html>"
    finding = judge_response(role=Role.LISTING, status=status, body=script, asked=URL)
    assert finding is not None
    assert finding.outcome is Outcome.CHALLENGE
    assert finding.stops_host
    plain = judge_response(role=Role.LISTING, status=status, body=b"<html><body>busy</body></html>", asked=URL)
    assert plain is not None
    assert plain.outcome is Outcome.HTTP_ERROR


@pytest.mark.parametrize(
    ("said", "least", "most"),
    [
        ("7", 7, 7),
        ("", 0, 0),
        ("soon", 0, 0),
        ("Fri, 01 Jan 2100 00:00:00 GMT", 10**6, 10**11),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0, 0),
    ],
)
def test_the_pause_that_a_host_asks_for_is_read_as_seconds_or_as_a_moment(said: str, least: int, most: int) -> None:
    assert least <= asked_pause(Response(URL, status=503, headers={"Retry-After": said})) <= most


def test_a_host_that_asks_to_be_left_alone_is_asked_nothing_for_so_long() -> None:
    async def wait() -> tuple[float, float]:
        book = HostBook()
        began = monotonic()
        book.hold("a.gov.cn", 0.2)
        async with book.turn("b.gov.cn"):
            other = monotonic() - began
        async with book.turn("a.gov.cn"):
            return monotonic() - began, other

    held, other = asyncio.run(wait())
    assert held >= 0.2
    assert other < 0.2


def test_a_short_list_in_place_of_an_article_is_no_report() -> None:
    rows = "".join(f"<li><a href='t{n}.html'>某区{n}局2023年政府信息公开工作年度报告</a></li>" for n in range(6))
    listed = page(f"<h2>政府信息公开年报</h2><ul>{rows}</ul><p>现在是10:30</p>")
    assert judge_article(TITLE, Article(listed)).kind == Kind.OTHER_PAGE
    own = page(f"<h1>{TITLE}</h1><p>{'一、总体情况。主动公开。行政复议。行政诉讼。' * 20}</p><ul>{rows}</ul>")
    assert judge_article(TITLE, Article(own)).kind == Kind.REPORT
    picture = page(f"<h1>{TITLE}</h1><p><img src='1.jpg'></p><ul>{rows}</ul>")
    assert judge_article(TITLE, Article(picture)).kind == Kind.REPORT
