"""Sample portals of any family, made to measure, for tests and measurements of the crawl.

A site of n reports, beside them everything that must not be stored as a report: notices of an annual-report column, a
row that leads off the portal, a page that is gone. Twins are one report listed twice under two addresses.
"""

import json
import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from pipelines.sample.facts import Facts
from pipelines.sample.families import FAMILIES
from pipelines.sample.random_reports import random_report
from pipelines.sample.server import SampleServer
from pipelines.sample.sites import NoticeKind, Rendition, Row, Site

__all__ = ["FamilySite", "make_site", "serve", "write_sites"]

BODIES = ("财政局", "教育局", "公安局", "水利局", "民政局", "审计局", "卫生健康局", "城关镇人民政府", "河东街道办事处")
NEGATIVES = (
    (NoticeKind.PICTURE_STORY, "（图解）演示县2023年政府信息公开工作年度报告"),
    (NoticeKind.EXPLANATION, "演示县2023年政府信息公开工作年度报告解读"),
    (NoticeKind.WEBSITE_REPORT, "演示县政府网站工作年度报表（2023年度）"),
    (NoticeKind.GUIDE, "演示县政府信息公开指南"),
    (NoticeKind.RULES, "政府信息公开年度报告制度"),
)


@dataclass(frozen=True)
class FamilySite:
    """A site with the facts of its reports."""

    site: Site
    facts: Mapping[str, Facts]

    @property
    def index_url(self) -> str:
        """Where an operator would point the registry."""
        return f"http://{self.site.host}{FAMILIES[self.site.family].column(self.site)}"


def make_site(
    family: str,
    *,
    reports: int = 23,
    negatives: bool = True,
    twins: bool = True,
    attachments: bool = True,
    habits: Mapping[str, Any] | None = None,
    seed: int = 1,
    name: str | None = None,
    **site: Any,
) -> FamilySite:
    """A site of a family: `reports` reports of one county over several years.

    Args:
        family: a name in `pipelines.sample.families`.
        reports: how many; newest first in the list.
        negatives: whether rows stand between them that are no reports.
        twins: whether the second report stands in the list twice, under two addresses.
        attachments: whether every fifth report is a page with a Word file.
        habits: the family's own switches.
        seed: equal seeds give equal sites.
        name: the host's name, such as `demo-a`; from the family and the seed where left out.
        site: more fields of `Site`.
    """
    rng = random.Random(f"{family}/{seed}")
    facts: dict[str, Facts] = {}
    rows: list[Row] = []
    for number in range(reports):
        drawn = random_report(rng, edition="E2021", oddities=())
        body, year = BODIES[number % len(BODIES)], 2025 - number // len(BODIES)
        issuer = f"演示县{body}"
        slug = f"{family.replace('_', '-')}-{seed}-{number}"
        facts[slug] = drawn.model_copy(
            update={
                "slug": slug,
                "issuer": issuer,
                "title": f"{issuer}{year}年政府信息公开工作年度报告",
                "report_year": year,
                "published": date(year + 1, 1, 4 + number % 26),
                "division_code": None,
            }
        )
        rendition = Rendition.PAGE_AND_ATTACHMENT if attachments and number % 5 == 4 else Rendition.PAGE
        rows.append(Row(report=slug, rendition=rendition, copies=2 if twins and number == 1 else 1))
    if negatives:
        rows += [
            Row(notice=kind, title=title, published=date(2024, 1, 5 + place))
            for place, (kind, title) in enumerate(NEGATIVES)
        ]
        away = "http://copies.invalid/zwgk/202401/t20240109_1.html"
        rows.append(Row(link=away, title="演示县2023年政府信息公开工作年度报告", published=date(2024, 1, 9)))
        rows.append(Row(gone=True, title="演示县旧县镇2022年政府信息公开工作年度报告", published=date(2023, 1, 9)))
    label = name or f"{family.replace('_', '-')}-{chr(ord('a') + seed % 26)}"
    made = Site.model_validate(
        {
            "id": f"sample-{label}",
            "host": f"{label}.test",
            "family": family,
            "name": "演示县人民政府",
            "path": "/zwgk/zfxxgknb/",
            "column_id": 4000 + seed,
            "unit_id": 7000 + seed,
            "web_id": 9,
            "habits": dict(habits or {}),
            "rows": rows,
            **site,
        }
    )
    return FamilySite(made, facts)


def write_sites(folder: Path, *sites: FamilySite) -> dict[str, Facts]:
    """Declare these sites in a folder; gives the facts of their reports by slug."""
    folder.mkdir(parents=True, exist_ok=True)
    for family_site in sites:
        site = family_site.site
        text = json.dumps(site.model_dump(mode="json", exclude_defaults=True), ensure_ascii=False)
        (folder / f"{site.id}.yml").write_text(text, "utf-8")
    return {slug: report for family_site in sites for slug, report in family_site.facts.items()}


def serve(folder: Path, *sites: FamilySite) -> SampleServer:
    """A server, not started, that plays these sites."""
    return SampleServer(sites_dir=folder, facts=write_sites(folder, *sites))
