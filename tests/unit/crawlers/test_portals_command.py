"""`ogi portals add` and `ogi portals check --live` against the sample portals, as an operator runs them."""

import datetime
import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from crawl_peer import ROOT
from family_sites import FamilySite, make_site, serve

from crawlers.registry import load_registry
from pipelines.cli import run
from pipelines.sample.families import FAMILIES
from pipelines.sample.server import Fault, SampleServer

Portals = tuple[SampleServer, dict[str, FamilySite]]


@dataclass(frozen=True)
class Answer:
    """What one command printed and how it ended."""

    code: int
    out: str
    err: str


Ogi = Callable[..., Answer]


@pytest.fixture
def ogi(capfd: pytest.CaptureFixture[str]) -> Ogi:
    """Run one command line in this process; the look itself is a process of its own."""

    def call(*arguments: object) -> Answer:
        capfd.readouterr()
        code = run([str(argument) for argument in arguments])
        out, err = capfd.readouterr()
        return Answer(code, out, err)

    return call


@pytest.fixture(scope="module")
def portals(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portals]:
    """One portal of every family that can be played."""
    sites = {family: make_site(family) for family in FAMILIES}
    with serve(tmp_path_factory.mktemp("sites"), *sites.values()) as server:
        yield server, sites


@pytest.fixture(autouse=True)
def through_the_sample_server(portals: Portals, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every look goes to the sample portals, which are whole again after each test."""
    server, sites = portals
    for name in list(os.environ):
        if "proxy" in name.lower():
            monkeypatch.delenv(name)
    monkeypatch.delenv("OGI_PORTALS", raising=False)
    monkeypatch.setenv("http_proxy", server.proxy_url)
    yield
    for site in sites.values():
        server.set_fault(site.site.host, None)
    server.clear_requests()


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_is_known_by_its_address_alone(family: str, portals: Portals, ogi: Ogi, tmp_path: Path) -> None:
    server, sites = portals
    answer = ogi("portals", "add", sites[family].index_url, "--delay", "0", "--dir", tmp_path, "--yes")
    assert answer.code == 0, answer.err
    registry = load_registry(tmp_path)
    assert registry.problems == ()
    (portal,) = registry.portals
    assert portal.family == family
    assert portal.verified == "never"
    assert portal.name == sites[family].site.name
    assert portal.file == tmp_path / "_unplaced" / f"{portal.id}.yml"
    assert "rows read" in portal.notes
    assert f"ogi crawl --portal {portal.id}" in answer.out
    titles = {facts.title_text for facts in sites[family].facts.values()}
    shown = [line.split()[-1] for line in answer.out.splitlines() if line.strip().startswith("collect")]
    assert shown
    assert set(shown) <= titles
    asked = [record for record in server.requests if record.host == sites[family].site.host]
    assert len(asked) <= 7
    assert server.max_concurrent(sites[family].site.host) == 1


def test_what_the_operator_says_stands_before_what_the_page_says(portals: Portals, ogi: Ogi, tmp_path: Path) -> None:
    url = portals[1]["hanweb"].index_url
    said = ("--id", "zhejiang-somewhere", "--name", "某某局", "--division-code", "330100", "--host", "files.example.cn")
    answer = ogi("portals", "add", url, *said, "--delay", "0.5", "--dir", tmp_path / "new", "--yes", "--json")
    assert answer.code == 0, answer.err
    told = json.loads(answer.out)
    assert told["family"] == "hanweb"
    assert told["collected"] == len(told["rows"]) > 0
    file = tmp_path / "new" / "zhejiang" / "zhejiang-somewhere.yml"
    assert told["file"] == str(file)
    assert told["text"] == file.read_text("utf-8")
    portal = load_registry(tmp_path / "new").portals[0]
    assert (portal.name, portal.division_code, portal.delay_seconds) == ("某某局", "330100", 0.5)
    assert "files.example.cn" in portal.allowed_hosts


def test_json_without_yes_writes_nothing(portals: Portals, ogi: Ogi, tmp_path: Path) -> None:
    url = portals[1]["hanweb"].index_url
    answer = ogi("portals", "add", url, "--delay", "0", "--dir", tmp_path, "--name", "荔浦市人民政府", "--json")
    assert answer.code == 0, answer.err
    told = json.loads(answer.out)
    assert told["file"] is None
    assert told["entry"]["division_code"] == "450381"
    assert told["entry"]["id"].startswith("guangxi-")
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_two_places_bear_gives_no_code(portals: Portals, ogi: Ogi, tmp_path: Path) -> None:
    url = portals[1]["hanweb"].index_url
    answer = ogi("portals", "add", url, "--delay", "0", "--dir", tmp_path, "--name", "鼓楼区人民政府", "--json")
    told = json.loads(answer.out)
    assert told["division"]["code"] is None
    assert "320106" in told["division"]["why"]


def test_an_entry_is_never_written_over(portals: Portals, ogi: Ogi, tmp_path: Path) -> None:
    url = portals[1]["hanweb"].index_url
    (tmp_path / "_unplaced").mkdir()
    here = tmp_path / "_unplaced" / "mine.yml"
    here.write_text("# a draft of somebody's\n", "utf-8")
    arguments = ("portals", "add", url, "--delay", "0", "--dir", tmp_path, "--yes")
    answer = ogi(*arguments, "--id", "mine")
    assert answer.code == 1
    assert "is not written over" in answer.err
    assert here.read_text("utf-8") == "# a draft of somebody's\n"
    assert ogi(*arguments).code == 0
    again = ogi(*arguments)
    assert again.code == 1
    assert "already collects" in again.err
    taken = load_registry(tmp_path).portals[0].id
    other = portals[1]["static_paged"].index_url
    refused = ogi("portals", "add", other, "--delay", "0", "--dir", tmp_path, "--yes", "--id", taken)
    assert (refused.code, "already the id of" in refused.err) == (1, True)


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (Fault.DOWN, "try again later"),
        (Fault.ERROR_500, "500: the portal has a fault: try again later"),
        (Fault.CHALLENGE_521, "it is not worked round; ask the portal's operator"),
        (Fault.ROBOTS_DISALLOW, "robots.txt forbids this address"),
        (Fault.SOFT_404, "give the address"),
    ],
)
def test_a_portal_that_cannot_be_had_is_one_sentence(
    fault: Fault, sentence: str, portals: Portals, ogi: Ogi, tmp_path: Path
) -> None:
    server, sites = portals
    server.set_fault(sites["hanweb"].site.host, fault)
    answer = ogi("portals", "add", sites["hanweb"].index_url, "--delay", "0", "--dir", tmp_path, "--yes")
    assert answer.code == 1
    assert sentence in answer.err
    assert len([line for line in answer.err.splitlines() if line.startswith("ogi: ")]) == 1
    assert "Traceback" not in answer.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("ftp://x.gov.cn/",), "is not a web address"),
        (("http://www.example.com/nb/",), "add --host www.example.com"),
        (("http://www.example.gov.cn/nb/", "--delay", "1"), "can only be made slower"),
        (("http://a.test/nb/", "--id", "No Good"), "small letters, digits and hyphens"),
        (("http://a.test/nb/", "--division-code", "999999"), "no division has this code"),
        (("http://a.test/nb/", "--name", " "), "--name is empty"),
    ],
)
def test_a_wish_that_cannot_be_met_is_refused_before_anything_is_asked(
    arguments: tuple[str, ...], sentence: str, portals: Portals, ogi: Ogi, tmp_path: Path
) -> None:
    answer = ogi("portals", "add", *arguments, "--dir", tmp_path, "--yes")
    assert answer.code == 1
    assert sentence in answer.err
    assert portals[0].requests == ()


def test_without_a_terminal_somebody_must_say_yes(portals: Portals, ogi: Ogi, tmp_path: Path) -> None:
    answer = ogi("portals", "add", portals[1]["hanweb"].index_url, "--dir", tmp_path)
    assert answer.code == 1
    assert "add --yes" in answer.err


@pytest.mark.parametrize("confirms", [True, False])
def test_what_a_person_confirms_is_verified_today(confirms: bool, portals: Portals, tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    url = portals[1]["hanweb"].index_url
    with subprocess.Popen(
        [sys.executable, "-m", "pipelines.cli", "portals", "add", url, "--delay", "0", "--dir", str(tmp_path)],
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=ROOT,
        text=True,
    ) as process:
        os.write(ours, "荔浦市人民政府\n".encode() + (b"y\n" if confirms else b"n\n"))
        shown, _ = process.communicate(timeout=60)
    os.close(ours)
    os.close(theirs)
    assert process.returncode == 0, shown
    if not confirms:
        assert "Nothing was written" in shown
        assert list(tmp_path.iterdir()) == []
        return
    (portal,) = load_registry(tmp_path).portals
    assert portal.verified == datetime.date.today().isoformat()
    assert (portal.name, portal.division_code) == ("荔浦市人民政府", "450381")


def test_drift_is_told_with_the_way_out(portals: Portals, ogi: Ogi, tmp_path: Path) -> None:
    server, sites = portals
    for family in ("static_paged", "hanweb"):
        assert ogi("portals", "add", sites[family].index_url, "--delay", "0", "--dir", tmp_path, "--yes").code == 0
    well = ogi("portals", "check", "--live", "--portals", tmp_path, "--json")
    assert well.code == 0, well.err
    assert {json.loads(line)["state"] for line in well.out.splitlines()} == {"ok"}
    file = next(portal.file for portal in load_registry(tmp_path) if portal.family == "static_paged")
    assert file is not None
    file.write_text(file.read_text("utf-8").replace("family: static_paged", "family: hanweb"), "utf-8")
    server.set_fault(sites["hanweb"].site.host, Fault.ROBOTS_DISALLOW)
    answer = ogi("portals", "check", "--live", "--portals", tmp_path, "--json")
    assert answer.code == 1
    told = {one["url"]: one for one in map(json.loads, answer.out.splitlines())}
    changed, refused = told[sites["static_paged"].index_url], told[sites["hanweb"].index_url]
    assert (refused["state"], "robots.txt forbids" in refused["sentence"]) == ("refused", True)
    if changed["state"] != "ok":  # a spider may read another family's list, which is no harm
        assert "the family static_paged now" in changed["sentence"]
    one = ogi("portals", "check", "--live", "--portals", tmp_path, "--portal", "nobody")
    assert one.code == 1
    assert 'called "nobody"' in one.err
    assert ogi("portals", "check", "--portals", tmp_path, "--portal", "nobody").code == 1
