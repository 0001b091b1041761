"""A new registry entry: look at the address, find the division, draft the entry, write the file.

Belongs here: the steps between an address and a file of the registry. Does not belong here: looking at portals
(`crawlers.probe`), the shape of an entry (`crawlers.registry`, `crawlers.scaffold`), what is shown and asked (`cli`).
"""

import datetime
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from crawlers.hosts import host_key, is_government, is_local, www_twin
from crawlers.registry import DEFAULT_DELAY_SECONDS, Portal, Problem, Registry, load_registry
from crawlers.scaffold import Draft, entry_text, propose_id, province_folder
from pipelines.errors import BadInput, CrawlBroken
from transform.regions import RegionConfidence, RegionEvidence, RegionStatus, load_gazetteer, resolve_region

__all__ = [
    "Place",
    "Wishes",
    "check_wishes",
    "draft_entry",
    "look_at",
    "look_at_entries",
    "place_of",
    "problems_of",
    "write_entry",
]

_ID = re.compile(r"[a-z0-9][a-z0-9-]*")
_NO_NAME = "?"
_SECONDS_TO_END = 5
_OF_REPORTS = re.compile("年报|报告|信息公开")


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the operator says of the new portal; all but the address may be left to the page."""

    url: str
    id: str | None = None
    name: str | None = None
    division_code: str | None = None
    delay_seconds: float | None = None
    hosts: Sequence[str] = ()
    browser: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """The division that a portal is of; `why` says how it is known, or why not."""

    code: str | None
    why: str


def check_wishes(wishes: Wishes, folder: Path) -> Wishes:
    """The wishes, put in order, before anything is asked of the portal.

    Raises:
        BadInput: an entry could not be made like this.
    """
    url = wishes.url.strip()
    url = url if re.match(r"https?://", url) else f"http://{url}" if "://" not in url else url
    host = host_key(url)
    if not re.match(r"https?://", url) or not host or re.search(r"\s", url):
        raise BadInput(f'"{wishes.url}" is not a web address: give it as the browser shows it, http://… or https://…')
    if not (is_government(host) or is_local(host) or host in wishes.hosts):
        raise BadInput(
            f"{host} is not under .gov.cn, and copies of portals exist: if it is the body's own site, add --host {host}"
        )
    delay = wishes.delay_seconds
    if delay is not None and (not 0 <= delay <= 3600 or (delay < DEFAULT_DELAY_SECONDS and not is_local(host))):
        raise BadInput(
            f"--delay {delay:g}: a portal can only be made slower than the {DEFAULT_DELAY_SECONDS:g} seconds that all "
            "get, up to an hour; leave it out or give more"
        )
    if wishes.id is not None and not _ID.fullmatch(wishes.id):
        raise BadInput(f'--id "{wishes.id}": use small letters, digits and hyphens, such as hangzhou-binjiang')
    if wishes.name is not None and not wishes.name.strip():
        raise BadInput("--name is empty: give the body whose portal this is, such as 荔浦市人民政府")
    if wishes.division_code is not None and not _is_known(wishes.division_code):
        raise BadInput(
            f"--division-code {wishes.division_code}: no division has this code; give the 6 digits of GB/T 2260, such "
            "as 330100, or leave it out"
        )
    _check_free(load_registry(folder) if folder.is_dir() else Registry((), ()), wishes.id, url)
    return replace(wishes, url=url)


def _is_known(code: str) -> bool:
    return len(code) == 6 and code.isdigit() and load_gazetteer().get(code) is not None


def _check_free(registry: Registry, wished: str | None, url: str) -> None:
    for portal in registry:
        if portal.index_url.rstrip("/") == url.rstrip("/"):
            raise BadInput(
                f'Portal "{portal.id}" ({portal.file}) already collects {url}: look at it with '
                f"`ogi portals check --live --portal {portal.id}`."
            )
        if portal.id == wished:
            raise BadInput(f"--id {wished}: this is already the id of {portal.file}; choose another")


def look_at(wishes: Wishes) -> dict[str, Any]:
    """What `crawlers.probe` finds at the address.

    Raises:
        BadInput: the portal cannot be had, will not be asked, or shows no list.
        CrawlBroken: the look itself failed.
    """
    delay = DEFAULT_DELAY_SECONDS if wishes.delay_seconds is None else wishes.delay_seconds
    hosts = [word for host in wishes.hosts for word in ("--host", host)]
    browser = ["--browser"] if wishes.browser else []
    found = next(_look([wishes.url, "--delay", f"{delay:g}", *hosts, *browser]), None)
    if found is None:
        raise CrawlBroken(f"The look at {wishes.url} gave no answer.")
    if found["error"]:
        faults = f" ({'; '.join(found['faults'])})" if found["faults"] else ""
        raise BadInput(f"{wishes.url}: {found['error']['sentence']}{faults}.")
    return found


def look_at_entries(folder: Path, portals: Sequence[str] = ()) -> list[dict[str, Any]]:
    """What stands today at the addresses of a registry's entries, or the named ones.

    Raises:
        CrawlBroken: the look itself failed.
    """
    named = [word for portal in portals for word in ("--portal", portal)]
    return list(_look(["--registry", str(folder.resolve()), *named]))


def _look(arguments: Sequence[str]) -> Iterator[dict[str, Any]]:
    environment = dict(os.environ)
    here = str(Path(__file__).resolve().parents[1])
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, (here, environment.get("PYTHONPATH"))))
    with subprocess.Popen(
        [sys.executable, "-m", "crawlers.probe", *arguments],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
    ) as process:
        try:
            told, words = process.communicate()
        except BaseException:  # we are stopped: so is the look, with time to clean up behind itself
            process.terminate()
            try:
                process.wait(_SECONDS_TO_END)
            except subprocess.TimeoutExpired:
                process.kill()
            raise
    if process.returncode != 0:
        lines = [line.strip() for line in words.splitlines() if line.strip()]
        reason = lines[-1] if lines else f"exit code {process.returncode}"
        if process.returncode == 2:
            raise BadInput(f"{reason}.")
        raise CrawlBroken(f"The look broke and nothing was written: {reason}.")
    for line in told.splitlines():
        if line.startswith("{"):
            yield json.loads(line)


def place_of(name: str, url: str) -> Place:
    """The division that a body's name and address leave no doubt about."""
    if not name or name == _NO_NAME:
        return Place(None, "the page names no body")
    told = resolve_region(RegionEvidence(issuer=name, url=url), load_gazetteer())
    if told.status is not RegionStatus.RESOLVED or told.division_code is None:
        return Place(None, told.reason or "the name leaves the place open")
    if told.confidence is not RegionConfidence.HIGH:
        return Place(None, f"perhaps {told.division_code} ({told.evidence}), and that is not sure")
    return Place(told.division_code, told.evidence)


def draft_entry(wishes: Wishes, found: Mapping[str, Any], folder: Path) -> tuple[Draft, Place]:
    """The entry that wishes and look together make; what the operator says stands before what the page says."""
    name = (wishes.name or found["site_name"] or "").strip()
    place = (
        Place(wishes.division_code, "as given")
        if wishes.division_code
        else place_of(name or found["page_title"], found["index_url"])
    )
    registry = load_registry(folder) if folder.is_dir() else Registry((), ())
    _check_free(registry, wishes.id, found["index_url"])
    taken = {portal.id for portal in registry} | {path.stem for path in folder.rglob("*.y*ml")}
    draft = Draft(
        id=wishes.id or propose_id(found["index_url"], place.code, taken),
        name=name or host_key(found["index_url"]),
        division_code=place.code,
        family=found["family"],
        index_url=found["index_url"],
        allowed_hosts=_hosts_to_state(wishes, host_key(found["index_url"])),
        delay_seconds=DEFAULT_DELAY_SECONDS if wishes.delay_seconds is None else wishes.delay_seconds,
        browser=wishes.browser,
        column=found["column_name"] if _OF_REPORTS.search(found["column_name"]) else "",
        options=found["options"],
        notes=_notes(found),
    )
    return draft, place


def _hosts_to_state(wishes: Wishes, own: str) -> list[str]:
    """The hosts that the entry must name: those given, and that of the address where its list stands on another."""
    asked = host_key(wishes.url)
    return list(dict.fromkeys([*wishes.hosts, *([] if asked in (own, www_twin(own)) else [asked])]))


def _notes(found: Mapping[str, Any]) -> str:
    """What was seen, for whoever reviews the entry."""
    today = datetime.datetime.now(datetime.UTC).date()
    parts = [
        f"Made by `ogi portals add` from a look on {today}: {found['family']} by {', '.join(found['signs'])}",
        *(f"{step}" for step in found["steps"]),
    ]
    counted = f"{len(found['rows'])} rows read, {found['collected']} of them to collect"
    if found["near_misses"]:
        counted += f", {found['near_misses']} beside them that are no reports"
    if found["columns"]:
        counted += f"; {len(found['columns'])} columns below"
    if found["empty"]:
        counted = "the column says that it holds nothing yet"
    if found["other_hosts"]:
        counted += f"; rows lead to hosts that are not followed: {', '.join(found['other_hosts'])}"
    return f"{'; '.join([*parts, counted])}."


def write_entry(draft: Draft, folder: Path) -> Path:
    """Write the entry to `<folder>/<province>/<id>.yml`; never over another file.

    Raises:
        BadInput: there is such a file, or it cannot be written.
    """
    file = folder / province_folder(draft.division_code) / f"{draft.id}.yml"
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("x", encoding="utf-8") as opened:
            opened.write(entry_text(draft))
    except FileExistsError:
        raise BadInput(f"{file} is there already and is not written over: choose another --id.") from None
    except OSError as error:
        raise BadInput(f"{file} cannot be written ({error.strerror}): name another folder with --dir DIR.") from None
    return file


def problems_of(file: Path, folder: Path) -> tuple[Portal | None, list[Problem]]:
    """The entry as the registry now reads it, and what is wrong with it."""
    registry = load_registry(folder)
    portal = next((portal for portal in registry if portal.file == file), None)
    return portal, [problem for problem in registry.problems if problem.file == file]
