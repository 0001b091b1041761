"""A registry entry is checked key by key, and what is wrong is said with file, line and the way out."""

import re
from pathlib import Path

import pytest

from crawlers.families import FAMILIES, load_spider
from crawlers.registry import DEFAULT_REGISTRY, load_registry
from crawlers.settings import crawl_settings, delay_of, user_agent

SOUND = "name: 某市人民政府\nfamily: static_paged\nindex_url: http://www.example.gov.cn/zwgk/nianbao/\n"


def write(folder: Path, text: str, name: str = "slug") -> Path:
    file = folder / "province" / f"{name}.yml"
    file.parent.mkdir(exist_ok=True)
    file.write_text(text, "utf-8")
    return file


def test_an_entry_needs_a_name_a_family_and_an_address(tmp_path: Path) -> None:
    write(tmp_path, SOUND)
    registry = load_registry(tmp_path)
    assert registry.problems == ()
    (portal,) = registry
    assert (portal.id, portal.division_code, portal.delay_seconds, portal.verified) == ("slug", None, 3.0, "never")
    assert portal.allowed_hosts == ("www.example.gov.cn", "example.gov.cn")
    assert registry.get("slug") is portal


@pytest.mark.parametrize(
    ("text", "line", "key", "sentence"),
    [
        (SOUND + "indx: 1\n", 4, "indx", r"no such key: did you mean .*index_url\?"),
        (SOUND + "zzz: red\n", 4, "zzz", r"no such key: known are id, name"),
        (SOUND.replace("static_paged", "static_page"), 2, "family", r"did you mean static_paged\?"),
        (SOUND.replace("static_paged", "zz"), 2, "family", r"known are static_paged, hanweb"),
        (SOUND + "division_code: 330100\n", 4, "division_code", r'in quotes, division_code: "330100"'),
        (SOUND + 'division_code: "3301"\n', 4, "division_code", r"give 6 digits in quotes"),
        (SOUND.replace("http://www", "www"), 3, "index_url", r"start with http:// or https://"),
        (
            SOUND.replace(".gov.cn", ".com"),
            3,
            "index_url",
            r"not under \.gov\.cn.*allowed_hosts: \[www\.example\.com\]",
        ),
        (SOUND + "delay_seconds: 1\n", 4, "delay_seconds", r"a portal can only be made slower"),
        (SOUND + "delay_seconds: soon\n", 4, "delay_seconds", r"does not fit"),
        (SOUND + "allowed_hosts: [http://x.gov.cn/]\n", 4, "allowed_hosts", r"leave out http://"),
        (SOUND + "verified: yesterday\n", 4, "verified", r"write never, sample, or the date"),
        (SOUND + "id: Große Stadt\n", 4, "id", r"use small letters, digits and hyphens"),
        (SOUND + "options:\n  page_ofset: 1\n", 5, "options.page_ofset", r"did you mean page_offset\?"),
        (SOUND + "options:\n  page_offset: 2\n", 5, "options.page_offset", r"does not fit"),
        (SOUND + "expects:\n  mim: {documents_per_year: 3}\n", 5, "expects.mim", r"did you mean min\?"),
        (SOUND + "name: 另一个\n", 4, "name", r"already stands on line 1"),
        ("name: 某市\nindex_url: http://a.gov.cn/\n", 1, "family", r"the key is missing: add `family: …`"),
        ("name: [某市\nfamily: x\n", 2, "", r"this is not YAML .*check colons, quotes"),
        ("", 1, "", r"the file holds no entry"),
        ("- name\n", 1, "", r"the file holds no entry"),
    ],
)
def test_what_is_wrong_is_said_with_its_line_and_the_way_out(
    tmp_path: Path, text: str, line: int, key: str, sentence: str
) -> None:
    file = write(tmp_path, text)
    registry = load_registry(tmp_path)
    assert registry.portals == ()
    (problem,) = registry.problems
    assert (problem.file, problem.line, problem.key) == (file, line, key)
    assert re.search(sentence, problem.sentence)
    assert str(problem).startswith(f"{file}:{line}: ")


def test_a_bad_entry_hides_no_other_and_all_its_faults_are_told(tmp_path: Path) -> None:
    write(tmp_path, SOUND, "good")
    write(tmp_path, "name: 某\nfamily: hanwebb\nindex_url: ftp://x\ndivision_code: 1\n", "bad")
    registry = load_registry(tmp_path)
    assert [portal.id for portal in registry] == ["good"]
    assert [(problem.line, problem.key) for problem in registry.problems] == [
        (2, "family"),
        (3, "index_url"),
        (4, "division_code"),
    ]


def test_two_entries_share_neither_id_nor_address(tmp_path: Path) -> None:
    write(tmp_path, SOUND + "id: one\n", "a")
    write(tmp_path, SOUND.replace("nianbao", "other") + "id: one\n", "b")
    write(tmp_path, SOUND + "id: two\n", "c")
    registry = load_registry(tmp_path)
    assert [portal.id for portal in registry] == ["one"]
    assert [(problem.file.stem, problem.line, problem.key) for problem in registry.problems] == [
        ("b", 4, "id"),
        ("c", 3, "index_url"),
    ]
    assert "a.yml" in registry.problems[0].sentence


def test_a_folder_that_is_not_there_is_a_problem_not_a_crash(tmp_path: Path) -> None:
    registry = load_registry(tmp_path / "none")
    assert registry.portals == ()
    assert "there is no such folder" in str(registry.problems[0])


def test_an_unreadable_encoding_is_a_problem(tmp_path: Path) -> None:
    file = write(tmp_path, SOUND)
    file.write_bytes("name: 某市".encode("gb18030"))
    assert "save it as UTF-8" in str(load_registry(tmp_path).problems[0])


def test_only_sample_hosts_may_be_asked_faster_and_a_foreign_host_must_be_named(tmp_path: Path) -> None:
    write(tmp_path, SOUND.replace("www.example.gov.cn", "a.test") + "delay_seconds: 0\nverified: sample\n", "a")
    write(tmp_path, SOUND.replace("www.example.gov.cn", "127.0.0.1:8000") + "delay_seconds: 0.1\n", "b")
    write(tmp_path, SOUND.replace("example.gov.cn", "example.cn") + "allowed_hosts: [www.example.cn]\n", "c")
    write(tmp_path, SOUND.replace("nianbao", "x") + "delay_seconds: 10\nverified: 2026-01-31\n", "d")
    registry = load_registry(tmp_path)
    assert registry.problems == ()
    assert [delay_of(portal) for portal in registry] == [0, 0.1, 3, 10]
    assert [portal.verified for portal in registry][-1] == "2026-01-31"
    assert registry.portals[1].allows("http://127.0.0.1:8000/x")
    assert not registry.portals[1].allows("http://127.0.0.1:8001/x")
    assert registry.portals[3].allows("https://example.gov.cn:8443/x")
    assert not registry.portals[3].allows("http://example.gov.cn.evil.com/")


def test_the_registry_that_ships_is_sound_and_honest_about_itself() -> None:
    registry = load_registry()
    assert registry.problems == ()
    assert len(registry.portals) >= 14
    for portal in registry:
        assert portal.verified == "never"
        assert portal.notes
        assert portal.host.endswith(".gov.cn")
        assert portal.file is not None
        assert portal.file.is_relative_to(DEFAULT_REGISTRY)
        assert (portal.division_code is None) == (portal.file.parent.name == "_central")
    provinces = {portal.file.parent.name: (portal.division_code or "")[:2] for portal in registry if portal.file}
    assert provinces["zhejiang"] == "33"
    assert provinces["guangxi"] == "45"
    for portal in registry:
        assert portal.file is not None
        assert (portal.division_code or "")[:2] == provinces[portal.file.parent.name]


def test_every_family_has_a_spider_of_its_name() -> None:
    for name in FAMILIES:
        assert load_spider(name).name == name


def test_settings_are_polite(tmp_path: Path) -> None:
    write(tmp_path, SOUND, "a")
    write(tmp_path, SOUND.replace("nianbao", "x") + "delay_seconds: 9\n", "b")
    settings = crawl_settings(load_registry(tmp_path).portals)
    assert settings["CONCURRENT_REQUESTS_PER_DOMAIN"] == 1
    assert settings["DOWNLOAD_SLOTS"]["www.example.gov.cn"] == {"concurrency": 1, "delay": 9.0, "jitter": 0.0}
    assert settings["DOWNLOAD_VERIFY_CERTIFICATES"] is True
    assert settings["COOKIES_ENABLED"] is False
    assert settings["DEFAULT_REQUEST_HEADERS"]["Cache-Control"] == "max-age=0"


def test_the_user_agent_names_us_and_a_contact_and_no_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OGI_CONTACT", "mailto:someone@example.org")
    named = "ogi-warehouse/0.1; +mailto:someone@example.org; research on open government information"
    assert user_agent() == f"Mozilla/5.0 (compatible; {named})"
    monkeypatch.delenv("OGI_CONTACT")
    assert not any(browser in user_agent() for browser in ("Chrome", "Gecko", "Safari", "Windows"))
    assert "example.org/contact" in user_agent()


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("verified: 2021-02-30\n", 4),
        ("notes: !!python/name:os.system x\n", 4),
        ("? [a, b]\n: 1\n", 4),
        ("options:\n  page_offset: 2021-13-01\n", 4),
    ],
)
def test_a_value_that_cannot_be_read_is_a_problem_at_its_line_and_hides_no_other_entry(
    tmp_path: Path, text: str, line: int
) -> None:
    file = write(tmp_path, SOUND + text, "bad")
    write(tmp_path, SOUND, "sound")
    registry = load_registry(tmp_path)
    assert [portal.id for portal in registry] == ["sound"]
    (problem,) = registry.problems
    assert (problem.file, problem.line) == (file, line)
    assert "this cannot be read (" in problem.sentence
