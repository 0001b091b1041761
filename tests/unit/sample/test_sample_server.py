"""The sample server is a real HTTP peer: portals, lists, validators, robots, faults and a log of what was asked."""

import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlencode, urljoin, urlsplit

import pytest
import yaml

from crawlers.registry import load_registry
from pipelines.sample.facts import FactsError, load_facts
from pipelines.sample.server import Fault, SampleServer
from pipelines.sample.sites import REGISTRY_FOLDER, Rendition, Row, load_sites

SITES = load_sites()
REGISTRY = load_registry(REGISTRY_FOLDER)
PROXY = "/module/web/jpage/dataproxy.jsp"


@dataclass
class Answer:
    status: int
    headers: Message
    body: bytes


@pytest.fixture(name="server")
def _server() -> Iterator[SampleServer]:
    with SampleServer() as running:
        yield running


def ask(server: SampleServer, url: str, *, method: str = "GET", body: str | None = None, **headers: str) -> Answer:
    """One request through the proxy."""
    connection = HTTPConnection("127.0.0.1", server.port, timeout=5)
    try:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, url, body, sent)
        response = connection.getresponse()
        return Answer(response.status, response.headers, response.read())
    finally:
        connection.close()


def text_of(answer: Answer) -> str:
    return answer.body.decode("gb18030" if b"charset=gb2312" in answer.body else "utf-8")


def static_rows(server: SampleServer, start: str, seen: set[str]) -> Iterator[str]:
    """The article addresses of a static column: its list pages by their numbers, and its sub-columns."""
    if start in seen:
        return
    seen.add(start)
    page = text_of(ask(server, start))
    for href in re.findall(r'<a href="(\./[^"]*|http[^"]*)"', page):
        if href.endswith("/"):
            yield from static_rows(server, urljoin(start, href), seen)
        else:
            yield urljoin(start, href)
    call = re.search(r"createPageHTML\((?:'page_div',)?\s*(\d+), (\d+)", page)
    if call and urlsplit(start).path.endswith("/"):
        extension = "shtml" if "'shtml'" in page else "htm" if '"htm"' in page else "html"
        for number in range(1, int(call[1])):
            shown = number + int(call[2])
            yield from static_rows(server, urljoin(start, f"index_{shown}.{extension}"), seen)


def hanweb_rows(server: SampleServer, start: str) -> Iterator[str]:
    page = text_of(ask(server, start))
    unit, column = re.search(r"unitid:'(\d+)'", page), re.search(r"columnid:'(\d+)'", page)
    total = re.search(r"totalRecord:(\d+)", page)
    assert unit is not None
    assert column is not None
    assert total is not None
    found: set[str] = set()
    for number in range(1, int(total[1]) + 1):
        given = urlencode({"page": number, "columnid": column[1], "unitid": unit[1]})
        answer = ask(server, urljoin(start, f"{PROXY}?{given}"))
        found |= set(re.findall(r'href="(/art/[^"]*)"', answer.body.decode()))
    yield from (urljoin(start, href) for href in found)


def test_every_sample_portal_has_a_sound_registry_entry_and_every_entry_a_portal() -> None:
    assert REGISTRY.problems == ()
    assert {portal.id for portal in REGISTRY} == set(SITES)
    for portal in REGISTRY:
        site = SITES[portal.id]
        assert (portal.host, portal.family, portal.name) == (site.host, site.family, site.name)
        assert (portal.verified, portal.delay_seconds) == ("sample", 0)


def test_every_report_is_published_on_the_portal_that_its_facts_name() -> None:
    published = {row.report: site.id for site in SITES.values() for row in site.rows if row.report}
    assert published == {slug: facts.portal for slug, facts in load_facts().items()}


@pytest.mark.parametrize("portal_id", SITES)
def test_the_lists_of_a_portal_reach_every_page_that_it_holds(server: SampleServer, portal_id: str) -> None:
    portal, site = REGISTRY.get(portal_id), SITES[portal_id]
    assert portal is not None
    if site.family == "hanweb":
        reached = set(hanweb_rows(server, portal.index_url))
    else:
        reached = set(static_rows(server, portal.index_url, set()))
    for row in site.rows:
        if row.report:
            assert server.report_address(site.host, row.report) in reached
    articles = {url for url in server.addresses(site.host) if re.search(r"/t\d{8}_\d+\.|/art_", url)}
    assert articles <= reached


@pytest.mark.parametrize("site", SITES.values(), ids=lambda site: site.id)
def test_every_address_answers_304_to_its_own_validators(server: SampleServer, site: object) -> None:
    for url in server.addresses(site.host):  # type: ignore[attr-defined]
        first = ask(server, url)
        assert first.status == 200
        tag, modified = first.headers["ETag"], first.headers["Last-Modified"]
        assert ask(server, url, If_None_Match=tag).status == 304
        assert ask(server, url, If_Modified_Since=modified).status == 304
        assert ask(server, url, If_None_Match='"other"', If_Modified_Since=modified).status == 200


def test_a_hanweb_list_answers_post_and_get_by_records_or_by_pages(server: SampleServer) -> None:
    ids = {"columnid": "31685", "unitid": "80325"}
    by_record = ask(
        server,
        f"http://linfen-yaodu.test{PROXY}?startrecord=3&endrecord=5&perpage=2",
        method="POST",
        body=urlencode(ids),
        Content_Type="application/x-www-form-urlencoded",
    )
    assert by_record.body.count(b"<record>") == 3
    assert b"<totalrecord>5</totalrecord>" in by_record.body
    ids = {"columnid": "4471", "unitid": "20817"}
    ignored = ask(server, f"http://hohhot-xincheng.test{PROXY}?{urlencode({**ids, 'startrecord': 3, 'endrecord': 4})}")
    first = ask(server, f"http://hohhot-xincheng.test{PROXY}?{urlencode({**ids, 'page': 1})}")
    assert ignored.body == first.body
    beyond = ask(server, f"http://hohhot-xincheng.test{PROXY}?{urlencode({**ids, 'page': 9})}")
    assert (beyond.status, len(beyond.body) < 60) == (200, True)


def test_an_attachment_is_found_by_its_file_name_in_any_order_of_parameters(server: SampleServer) -> None:
    (url,) = [url for url in server.addresses("linfen-yaodu.test") if "downfile" in url]
    whole = ask(server, url)
    assert whole.body.startswith(b"PK")
    assert "filename*=UTF-8''" in whole.headers["Content-Disposition"]
    name = url.rpartition("filename=")[2]
    short = "http://linfen-yaodu.test/module/download/downfile.jsp?filename=" + name
    assert ask(server, short).body == whole.body


def test_robots_txt_is_text_or_missing_or_a_web_page(server: SampleServer) -> None:
    assert b"Disallow: /search/" in ask(server, "http://siping-tiedong.test/robots.txt").body
    assert ask(server, "http://xian-xincheng.test/robots.txt").status == 404
    assert ask(server, "http://anshan-tiedong.test/robots.txt").headers["Content-Type"] == "text/html"


def test_beyond_the_last_page_one_portal_answers_with_a_stub(server: SampleServer) -> None:
    stub = ask(server, "http://pingdingshan-zhanhe.test/zwgk/gknb/index_3.html")
    assert stub.status == 200
    assert 300 <= len(stub.body) <= 450
    assert ask(server, "http://siping-tiedong.test/zwgk/zfxxgk/zfxxgknb/index_3.html").status == 404


def test_the_host_header_serves_as_well_as_an_absolute_address(server: SampleServer) -> None:
    direct = ask(server, "/zwgk/gknb/", Host="pingdingshan-zhanhe.test")
    proxied = ask(server, "http://www.pingdingshan-zhanhe.test/zwgk/gknb/")
    assert direct.body == proxied.body
    assert ask(server, "http://nobody.test/").status == 404


def test_the_log_tells_who_asked_what_and_with_which_validators(server: SampleServer) -> None:
    url = "http://shanghai.test/zwgk/nw12344/"
    tag = ask(server, url, User_Agent="sample/1").headers["ETag"]
    ask(server, url, User_Agent="sample/1", If_None_Match=tag)
    first, second = server.requests
    assert (first.host, first.method, first.path, first.status) == ("shanghai.test", "GET", "/zwgk/nw12344/", 200)
    assert (second.status, second.had_validator, second.user_agent) == (304, True, "sample/1")
    assert first.time_start <= first.time_end <= second.time_start
    server.clear_requests()
    assert server.requests == ()


def test_requests_at_the_same_time_are_counted(server: SampleServer) -> None:
    url = "http://shanghai.test/"
    for _ in range(3):
        ask(server, url)
    assert server.max_concurrent("shanghai.test") == 1
    server.set_fault("shanghai.test", Fault.SLOW, seconds=0.1)
    askers = [threading.Thread(target=ask, args=(server, url)) for _ in range(3)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    assert server.max_concurrent("shanghai.test") == 3


@pytest.mark.parametrize(
    ("fault", "status", "said"),
    [
        (Fault.ERROR_500, 500, b"Internal Server Error"),
        (Fault.SOFT_404, 200, "您访问的页面不存在".encode()),
        (Fault.CHALLENGE_521, 521, b"document.cookie"),
    ],
)
def test_a_fault_changes_the_answers_of_its_host_only_and_can_be_mended(
    server: SampleServer, fault: Fault, status: int, said: bytes
) -> None:
    url = "http://shanghai.test/zwgk/nw12344/"
    server.set_fault("shanghai.test", fault)
    answer = ask(server, url)
    assert answer.status == status
    assert said in answer.body
    assert ask(server, "http://shanghai.test/robots.txt").status == 200
    assert ask(server, "http://huaian.test/robots.txt").status == 200
    server.set_fault("shanghai.test", None)
    assert "createPageHTML" in text_of(ask(server, url))


@pytest.mark.parametrize("fault", [Fault.DOWN, Fault.TRUNCATED])
def test_a_broken_answer_ends_in_an_error_of_the_client(server: SampleServer, fault: Fault) -> None:
    server.set_fault("shanghai.test", fault)
    with pytest.raises((HTTPException, ConnectionError)):
        ask(server, "http://shanghai.test/zwgk/nw12344/")


def test_a_fault_can_last_for_some_requests_and_for_some_paths(server: SampleServer) -> None:
    url = "http://shanghai.test/zwgk/nw12344/"
    server.set_fault("shanghai.test", "500", times=1)
    assert [ask(server, url).status for _ in range(2)] == [500, 200]
    server.set_fault("shanghai.test", "500", path_prefix="/zwgk/nw12344/2")
    assert ask(server, url).status == 200
    server.set_fault("shanghai.test", "robots_disallow")
    assert ask(server, "http://shanghai.test/robots.txt").body == b"User-agent: *\nDisallow: /\n"
    with pytest.raises(KeyError, match=r"no sample portal is called nobody\.test"):
        server.set_fault("nobody.test", "500")


def test_a_corrected_report_keeps_its_address_and_changes_its_validators(server: SampleServer) -> None:
    facts = server.facts["huaian-2024"]
    url = server.report_address("huaian.test", "huaian-2024")
    before = ask(server, url)
    server.update_report(facts.with_cell("t2.licensing.decisions", 447229))
    conditions = {"If_None_Match": before.headers["ETag"], "If_Modified_Since": before.headers["Last-Modified"]}
    after = ask(server, url, **conditions)
    assert after.status == 200
    assert b"47229" in after.body
    assert ask(server, url, If_Modified_Since=before.headers["Last-Modified"]).status == 200


def test_a_report_can_be_added_and_taken_away(server: SampleServer) -> None:
    new = server.facts["huaian-2024"].model_copy(update={"slug": "huaian-2022", "report_year": 2022})
    server.add_report("shanghai.test", new, Rendition.ATTACHMENT)
    url = server.report_address("shanghai.test", "huaian-2022")
    assert ask(server, url).status == 200
    assert url in set(static_rows(server, "http://shanghai.test/zwgk/nw12344/", set()))
    server.remove_report("shanghai.test", "huaian-2022")
    assert ask(server, url).status == 404


def test_two_servers_give_the_same_bytes() -> None:
    with SampleServer() as one, SampleServer() as other:
        for host in ("tianjin-ninghe.test", "anshan-tiedong.test"):
            assert one.addresses(host) == other.addresses(host)
            for url in one.addresses(host):
                assert ask(one, url).body == ask(other, url).body


def test_a_wrong_site_file_is_refused_with_its_name(tmp_path: Path) -> None:
    told = yaml.safe_load(Path(REGISTRY_FOLDER.parent / "sites" / "huaian.yml").read_text(encoding="utf-8"))
    (tmp_path / "wrong.yml").write_text(yaml.safe_dump({**told, "rowss": []}), encoding="utf-8")
    with pytest.raises(FactsError, match=r"wrong\.yml: rowss"):
        load_sites(tmp_path)
    with pytest.raises(ValueError, match="a row is one of"):
        Row()


def test_a_stopped_server_says_so() -> None:
    with pytest.raises(RuntimeError, match="not running"):
        _ = SampleServer().proxy_url
