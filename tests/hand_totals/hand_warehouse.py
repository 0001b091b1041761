"""The forty reports of `reports.yml` as documents in a raw store, and the hand-made tables beside them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from crawlers.archive.ledger import FetchRow, Ledger, Outcome, Role
from crawlers.archive.raw_store import RawStore
from pipelines.build import build
from pipelines.layout import DataLayout
from pipelines.sample.draw_html import PageContext, draw_html
from pipelines.sample.facts import Facts, read_yaml

HERE = Path(__file__).parent
MADE = read_yaml(HERE / "reports.yml")
APPLICANTS = {"np": "natural_person", "co": "commercial"}
RESULTS = ("upheld", "corrected", "other", "pending")
FLOWS = ("applications_new", "applications_carried_over", "applications_processed", "applications_carried_forward")
LATER = timedelta(days=40)
"""After how long a corrected page stands in the place of the first."""

BROKEN = b"%PDF-1.4\nthis is no PDF any more"
BROKEN_TITLE = "德清县统计局2022年政府信息公开工作年度报告"


@dataclass(frozen=True)
class Drawn:
    """One document of the hand warehouse."""

    portal: str
    url: str
    title: str
    published: date
    fetched: datetime
    content: bytes


def _edition(year: int) -> str:
    return "E2014" if year <= 2018 else "E2019" if year <= 2020 else "E2021"


def name_of(body: str, year: int) -> str:
    """The name under which a body reports on a year."""
    names: Mapping[int, str] = MADE["bodies"][body]["names"]
    return names[max(first for first in names if first <= year)]


def _cells(report: Mapping[str, Any], rows: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The printed cells, each total with the sum of its parts."""
    cells: dict[str, dict[str, Any]] = {f"st.{row}": {"value": value} for row, value in report.get("st", {}).items()}
    for row, figures in rows.items():
        cells[f"t3.{row}"] = {APPLICANTS[short]: figure for short, figure in figures.items()}
        cells[f"t3.{row}"]["total"] = sum(figures.values())
    for row, figures in report.get("t4", {}).items():
        cells[f"t4.{row}"] = {**dict(zip(RESULTS, figures, strict=True)), "total": sum(figures)}
    for place, figure in report.get("t2", {}).items():
        row, column = place.split(".")
        cells.setdefault(f"t2.{row}", {})[column] = figure
    return cells


def _drawn(report: Mapping[str, Any], rows: Mapping[str, Any], fetched: datetime) -> Drawn:
    body, year = report["body"], report["year"]
    about = MADE["bodies"][body]
    portal = MADE["portals"][about["portal"]]
    issuer = name_of(body, year)
    facts = Facts.model_validate(
        {
            "slug": f"{body}-{year}",
            "title": f"{issuer}{year}年政府信息公开工作年度报告",
            "issuer": issuer,
            "self_name": report.get("self_name", about["self_name"]),
            "scope": about["scope"],
            "report_year": year,
            "edition": _edition(year),
            "division_code": portal["division_code"],
            "portal": about["portal"],
            "published": report["published"],
            "cells": _cells(report, rows),
        }
    )
    url = f"http://{about['portal']}.test/zfxxgknb/{body}-{year}.html"
    page = PageContext(site_name=portal["name"], url=url, published_at=f"{report['published']}")
    return Drawn(about["portal"], url, facts.title_text, report["published"], fetched, draw_html(facts, page=page))


def documents() -> Iterator[Drawn]:
    """Every document: forty reports, the first version of one of them, and a file that nobody can read."""
    for report in MADE["reports"]:
        rows = report.get("t3", {})
        fetched = datetime.combine(report["published"] + timedelta(days=2), time(1), UTC)
        if "first_version" in report:
            yield _drawn(report, {**rows, **report["first_version"]}, fetched)
            fetched += LATER
        yield _drawn(report, rows, fetched)
    fetched = datetime(2023, 1, 21, 1, tzinfo=UTC)
    yield Drawn("deqing", "http://deqing.test/zfxxgknb/tjj-2022.pdf", BROKEN_TITLE, date(2023, 1, 20), fetched, BROKEN)


def build_hand_warehouse(root: Path) -> DataLayout:
    """A data folder with the documents fetched and every table built."""
    layout = DataLayout(root)
    registry = root / "portals"
    registry.mkdir(parents=True)
    for name, portal in MADE["portals"].items():
        entry = (
            f'id: {name}\nname: {portal["name"]}\ndivision_code: "{portal["division_code"]}"\nfamily: static_paged\n'
            f"index_url: http://{name}.test/zfxxgknb/\ndelay_seconds: 0\nverified: sample\n"
        )
        (registry / f"{name}.yml").write_text(entry, encoding="utf-8")
    store = RawStore(layout.raw)
    with Ledger(layout.ledger) as ledger:
        ledger.append_many(
            [
                FetchRow(
                    run_id=f"hand-{drawn.fetched:%Y%m%d}",
                    portal_id=drawn.portal,
                    url=drawn.url,
                    final_url=drawn.url,
                    role=Role.ARTICLE,
                    outcome=Outcome.STORED,
                    status_code=200,
                    requested_at=drawn.fetched.isoformat(timespec="microseconds"),
                    sha256=store.put(drawn.content),
                    byte_count=len(drawn.content),
                    link_text=drawn.title,
                    listed_date=drawn.published.isoformat(),
                )
                for drawn in sorted(documents(), key=lambda drawn: (drawn.fetched, drawn.url))
            ]
        )
    build(layout, registry=registry, workers=1)
    return layout


def expected_measures(row: Mapping[str, Any], known: Mapping[str, bool]) -> dict[str, float | None]:
    """A row of a hand table in full: what it names, 0 for the other measures of its edition, null for the rest.

    `known` tells of every measure whether the edition has it.
    """
    told = {name: figure for name, figure in row.items() if name in known}
    told |= dict(zip(FLOWS, row["applications"], strict=True))
    return {name: told.get(name, 0.0 if has else None) for name, has in known.items()}
