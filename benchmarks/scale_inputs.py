"""A data folder of many made-up reports with known totals: what `benchmarks.scale` builds a warehouse from.

Belongs here: drawing figures that close, and writing them as if a crawl and the extractor had. Real divisions of the
gazetteer, each with its government (consolidated), its office and some forty departments (own); bodies stay the same
over the years, so that rules over two years hold. Documents are made from templates: cells are joined from pieces.
"""

import hashlib
import json
import sqlite3
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa

from crawlers.archive.ledger import COLUMNS, Ledger
from extract.api import EXTRACTOR_VERSION, to_json
from extract.forms.declaration import load_forms
from extract.forms.rules import RuleInstance, rules_of
from extract.model import (
    CellReading,
    CellStatus,
    DocumentFormat,
    Extraction,
    ExtractionStatus,
    Place,
    ReportReading,
    Section,
    Statement,
)
from pipelines.cache import ExtractionCache
from pipelines.crew import Crew
from pipelines.layout import DataLayout
from transform.regions.gazetteer import Division, Level, load_gazetteer

__all__ = ["Inputs", "write_inputs"]

_BODIES = (
    "人民政府", "人民政府办公室", "教育局", "公安局", "民政局", "司法局", "财政局", "人力资源和社会保障局",
    "自然资源局", "生态环境局", "住房和城乡建设局", "交通运输局", "水利局", "农业农村局", "商务局", "文化和旅游局",
    "卫生健康局", "退役军人事务局", "应急管理局", "审计局", "市场监督管理局", "统计局", "医疗保障局", "信访局",
    "城市管理局", "发展和改革局", "科学技术局", "工业和信息化局", "林业局", "粮食和物资储备局", "体育局",
    "乡村振兴局", "行政审批局", "机关事务管理局", "地方金融监督管理局", "人民防空办公室", "民族宗教事务局",
    "气象局", "档案局", "供销合作社",
)  # fmt: skip
_FIRST_YEAR, _LAST_YEAR = 2008, 2025
_YEARS = range(_FIRST_YEAR, _LAST_YEAR + 1)
# Shares of the reports: few before tables were printed, some with the indicator list, most with the present form.
_SHARES = {year: 0.005 if year < 2014 else 0.014 if year < 2019 else 0.90 / 7 for year in _YEARS}
_BLANK_SHARE = 0.2
"""Reports that leave the zeros of table 3 blank, the column of totals apart."""
_TWICE_EVERY = 50
"""Of so many reports one has a second document with the same figures."""
_UNREAD_EVERY = 100
"""On so many reports one document that is none."""
# What stands in the template until it is known.
_YEAR, _RECEIVED, _PUBLISHED = 20071, 20072, date(2007, 1, 1)
_TEXT = (
    "根据《中华人民共和国政府信息公开条例》和上级关于做好年度报告编制工作的要求，结合本单位实际编制本报告，所列数据的统计期限自当年1月1日起至"
    "12月31日止。本机关坚持以公开为常态、不公开为例外，围绕群众关切主动公开政策文件、财政预决算、重大项目和公共服务信息，规范办理依申请公开，"
    "加强信息发布审查和平台建设，组织业务培训，自觉接受社会监督，政府信息公开的质量和实效进一步提升。"
)


@dataclass(frozen=True, slots=True)
class Inputs:
    """What was written. `totals` has division_code, report_year, basis, applications_new, litigation_total."""

    reports: int
    documents: int
    cells: int
    payload_bytes: int
    totals: pa.Table


@dataclass(frozen=True, slots=True)
class _Issuer:
    """A body with the number that seeds its figures."""

    number: int
    division: Division
    body: str
    first_year: int

    @property
    def name(self) -> str:
        return f"{self.division.name}{self.body}"

    @property
    def is_consolidated(self) -> bool:
        return self.body == _BODIES[0]


def write_inputs(layout: DataLayout, reports: int, crew: Crew) -> Inputs:
    """Fill an empty data folder with some `reports`, their documents and the ledger; the same ones every time."""
    issuers = _issuers(reports)
    batches = [issuers[start : start + 50] for start in range(0, len(issuers), 50)]
    totals: dict[tuple[str, int, str], list[float]] = {}
    written = documents = cells = size = 0
    layout.cache.mkdir(parents=True, exist_ok=True)
    Ledger(layout.ledger).close()
    with ExtractionCache(layout.extractions, EXTRACTOR_VERSION):
        pass
    cache, ledger = sqlite3.connect(layout.extractions), sqlite3.connect(layout.ledger)
    for connection in (cache, ledger):
        connection.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-400000;")
    marks = ", ".join("?" * len(COLUMNS))
    for made in crew.map(_documents_of, batches):
        cache.executemany("INSERT INTO extractions VALUES (?, ?, ?, ?, ?, ?, ?)", made.extractions)
        ledger.executemany(
            f"INSERT INTO fetches ({', '.join(COLUMNS)}) VALUES ({marks})",
            [(documents + place, *row) for place, row in enumerate(made.fetches, start=1)],
        )
        written, documents, cells = written + made.reports, documents + len(made.fetches), cells + made.cells
        size += sum(len(row[-1]) for row in made.extractions)
        for key, figures in made.totals.items():
            sums = totals.setdefault(key, [0.0, 0.0])
            sums[0] += figures[0]
            sums[1] += figures[1]
    # As after a crawl: a district whose name others bear too is told by its portal.
    portals = {
        f"p{division.code}": {"name": f"{division.name}人民政府", "division_code": division.code}
        for division in {issuer.division.code: issuer.division for issuer in issuers}.values()
    }
    (layout.root / "portals.json").write_text(json.dumps(portals, ensure_ascii=False), encoding="utf-8")
    for connection in (cache, ledger):
        connection.commit()
        connection.execute("PRAGMA journal_mode=WAL")
        connection.close()
    rows = [
        {"division_code": code, "report_year": year, "basis": basis, "applications_new": new, "litigation_total": suits}
        for (code, year, basis), (new, suits) in sorted(totals.items())
    ]
    return Inputs(written, documents, cells, size, pa.Table.from_pylist(rows))


def _issuers(reports: int) -> list[_Issuer]:
    """The bodies, governments first; a body that came first has reported for longest."""
    per_year = {year: max(1, round(reports * share)) for year, share in _SHARES.items()}
    most = max(per_year.values())
    known = sorted(
        (
            division
            for division in load_gazetteer().divisions.values()
            if division.level in (Level.PREFECTURE, Level.COUNTY) and not division.is_zone
        ),
        key=lambda division: division.code,
    )
    wanted = min(len(known), -(-most // len(_BODIES)))
    divisions = [known[place * len(known) // wanted] for place in range(wanted)]
    listed = [(division, body) for body in _BODIES for division in divisions][:most]
    return [
        _Issuer(number, division, body, min(year for year in _YEARS if number < per_year[year]))
        for number, (division, body) in enumerate(listed)
    ]


@dataclass(frozen=True, slots=True)
class _Made:
    """The documents of some bodies, as rows of the two files."""

    extractions: list[tuple[Any, ...]]
    fetches: list[tuple[Any, ...]]
    totals: dict[tuple[str, int, str], tuple[float, float]]
    reports: int
    cells: int


def _documents_of(issuers: Sequence[_Issuer]) -> _Made:
    extractions: list[tuple[Any, ...]] = []
    fetches: list[tuple[Any, ...]] = []
    totals: dict[tuple[str, int, str], tuple[float, float]] = {}
    reports = cells = 0
    for issuer in issuers:
        random = np.random.default_rng(issuer.number)
        carried: _Carried = {}
        for year in range(issuer.first_year, _LAST_YEAR + 1):
            template = _template(_edition_of(year))
            figures = template.draw(random, carried)
            leaves_blanks = random.random() < _BLANK_SHARE
            payload = template.payload(issuer, year, figures, leaves_blanks=leaves_blanks)
            number = issuer.number * len(_YEARS) + year - _FIRST_YEAR
            kinds = ["html", "docx"] if number % _TWICE_EVERY == 0 else ["html"]
            for kind in kinds:
                sha256 = hashlib.sha256(f"{number}.{kind}".encode()).hexdigest()
                packed = zlib.compress(payload.replace('"format":"html"', f'"format":"{kind}"').encode(), 1)
                extractions.append((sha256, EXTRACTOR_VERSION, "read", year, None, 0, packed))
                fetches.append(_fetch(issuer, year, sha256, kind))
            if number % _UNREAD_EVERY == 0:
                sha256 = hashlib.sha256(f"{number}.unread".encode()).hexdigest()
                extractions.append((sha256, EXTRACTOR_VERSION, "not_a_report", None, "no_report", 0, _no_report()))
                fetches.append(_fetch(issuer, year, sha256, "unread"))
            reports += 1
            cells += len(template.codes)
            for key in _keys(issuer, year):
                new, suits = totals.get(key, (0.0, 0.0))
                suits += sum(figures[code] for code in template.suits)
                totals[key] = new + figures.get(template.new, 0.0), suits
    return _Made(extractions, fetches, totals, reports, cells)


def _keys(issuer: _Issuer, year: int) -> Iterator[tuple[str, int, str]]:
    """The rows of `region_year` that the figures of the report go into."""
    if _edition_of(year) == "E2008":
        return
    code = issuer.division.code
    if issuer.is_consolidated:
        yield code, year, "consolidated_report"
        return
    above = load_gazetteer().ancestors(code)
    for division in (issuer.division, *above):
        if division.level is not Level.NATIONAL:
            yield division.code, year, "sum_of_own_reports"


def _edition_of(year: int) -> str:
    edition = load_forms().edition_for_year(year)
    assert edition is not None
    return edition.id


def _fetch(issuer: _Issuer, year: int, sha256: str, kind: str) -> tuple[Any, ...]:
    """A row of the ledger without its number, in the order of its columns."""
    day = date(year + 1, 1, 5) + timedelta(days=issuer.number % 24)
    address = f"http://www.gov{issuer.division.code}.cn/zfxxgk/{issuer.number}/{year}.{kind}"
    row = {
        "run_id": "synthetic", "portal_id": f"p{issuer.division.code}", "url": address, "final_url": address,
        "role": "article", "outcome": "stored", "status_code": 200, "sha256": sha256, "byte_count": 40_000,
        "requested_at": datetime(year + 1, 2, 1, 3, tzinfo=UTC).isoformat(timespec="microseconds"),
        "elapsed_ms": 200, "content_type": "text/html", "link_text": f"{issuer.name}{year}年政府信息公开工作年度报告",
        "listed_date": day.isoformat(),
    }  # fmt: skip
    return tuple(row.get(name) for name in COLUMNS[1:])


@lru_cache(maxsize=1)
def _no_report() -> bytes:
    outcome = Extraction(ExtractionStatus.NOT_A_REPORT, DocumentFormat.HTML, None, "no_report", "No report was found.")
    return zlib.compress(to_json(outcome), 1)


_Carried = dict[str, float]


class _Template:
    """The documents of one edition: which figures there are, how they close, and the words between them."""

    def __init__(self, edition: str) -> None:
        self.edition = edition
        declared = load_forms().editions[edition]
        self.codes = [spec.code for spec in declared.cells]
        self.new = "st.received.value" if edition == "E2014" else "t3.new_received.total"
        litigation = ("st.litigation.value",) if edition == "E2014" else _LITIGATION
        self.suits = litigation if self.codes else ()
        self._place = {code: place for place, code in enumerate(self.codes)}
        own = [rule for rule in rules_of(edition) if not any(term.previous_year for term in (*rule.left, *rule.right))]
        self._sums = [
            ([self._place[term.cell] for term in rule.left if not term.instead_of], self._place[rule.right[0].cell])
            for rule in sorted(own, key=_depth)
            if rule.comparator == "==" and len(rule.right) == 1 and rule.right[0].cell in self._place
        ]
        self._amounts = {spec.code for spec in declared.cells if spec.type == "amount"}
        self._pieces: dict[tuple[int, float | None], str] = {}
        self._fixed = _fixed_words(edition)

    def draw(self, random: np.random.Generator, carried: _Carried) -> dict[str, float]:
        """Figures that close; `carried` hands on what the next year begins with."""
        drawn = random.poisson(0.7, len(self.codes)).astype(float)
        values = dict(zip(self.codes, drawn.tolist(), strict=True))
        for column in _APPLICANTS if "t3.granted.total" in values else ():
            over, forward = f"t3.carried_over.{column}", f"t3.carried_forward.{column}"
            values[over] = carried.get(forward, values[over])
            values[f"t3.granted.{column}"] += values[over]
            carried[forward] = values[forward]
        for item in ("rules", "normative_documents"):
            in_force = f"t2.{item}.in_force"
            if in_force in values:
                values[f"t2.{item}.repealed"] = 0.0
                values[in_force] = carried.get(in_force, 20.0) + values[f"t2.{item}.issued"]
                carried[in_force] = values[in_force]
            if f"t2.{item}.newly_disclosed" in values:
                values[f"t2.{item}.newly_disclosed"] = values[f"t2.{item}.made_this_year"]
                values[f"t2.{item}.total_disclosed"] = 20 + values[f"t2.{item}.made_this_year"]
        for code in self.codes:
            if code.endswith(".prior_year_items"):
                values[code] = carried.get(code, values[code])
                carried[code] = values[code] + values[code.replace("prior_year_items", "change")]
        for code in self._amounts:
            values[code] += 0.25
        line = [values[code] for code in self.codes]
        for parts, total in self._sums:
            line[total] = sum(line[part] for part in parts)
        values = dict(zip(self.codes, line, strict=True))
        for column in (*_APPLICANTS, "total") if "t3.granted.total" in values else ():
            processed, forward, over = (
                values[f"t3.{row}.{column}"] for row in ("total_processed", "carried_forward", "carried_over")
            )
            values[f"t3.new_received.{column}"] = processed + forward - over
        if self.edition == "E2014":
            values["st.completed_on_time.value"] = values["st.replied.value"]
            values["st.completed_extended.value"] = 0.0
            values["st.completed.value"] = values["st.replied.value"]
            values["st.received_online.value"] += values["st.replied.value"]
            values["st.received.value"] += values["st.replied.value"]
        return values

    def payload(self, issuer: _Issuer, year: int, figures: dict[str, float], *, leaves_blanks: bool) -> str:
        """The extraction as the cache keeps it, before it is packed."""
        pieces = []
        for place, code in enumerate(self.codes):
            value: float | None = figures[code]
            if leaves_blanks and value == 0 and code.startswith("t3.") and not code.endswith(".total"):
                value = None
            key = place, value
            if key not in self._pieces:
                self._pieces[key] = _plain(_cell(place, code, value))
            pieces.append(self._pieces[key])
        new = figures.get(self.new)
        return (
            self._fixed.replace('"@cells"', ",".join(pieces))
            .replace("@issuer", issuer.name)
            .replace(_PUBLISHED.isoformat(), f"{year + 1}-01-{5 + issuer.number % 24:02d}")
            .replace(str(_YEAR), str(year))
            .replace(str(_RECEIVED), str(int(new or 0)))
        )


_APPLICANTS = ("natural_person", "commercial", "research", "public_welfare", "legal_service", "other_org")
_LITIGATION = ("t4.litigation_direct.total", "t4.litigation_after_reconsideration.total")


def _depth(rule: RuleInstance) -> tuple[int, str]:
    """Parts before the sums that they go into: columns before the total of a row, refusals before replies."""
    order = ("refused_parts", "result_total", "row_total")
    return next((place for place, word in enumerate(order) if word in rule.rule_id), len(order)), rule.id


@lru_cache(maxsize=8)
def _template(edition: str) -> _Template:
    return _Template(edition)


def _cell(place: int, code: str, value: float | None) -> CellReading:
    is_whole = value is not None and value == int(value)
    return CellReading(
        code,
        None if value is None else int(value) if is_whole else value,
        "" if value is None else f"{value:g}",
        CellStatus.BLANK if value is None else CellStatus.REPORTED,
        Place(table=1 + place // 80, row=3 + place // 7, column=2 + place % 7),
        unit="件",
        flags=("read_twice",) if code.startswith("t2.") else (),
    )


def _plain(cell: CellReading) -> str:
    """One cell as it stands in the JSON of an extraction."""
    whole = json.loads(to_json(_extraction((cell,))))
    return json.dumps(whole["report"]["cells"][0], ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def _fixed_words(edition: str) -> str:
    text = to_json(_extraction((), edition)).decode()
    return text.replace('"cells":[]', '"cells":["@cells"]', 1)


def _extraction(cells: tuple[CellReading, ...], edition: str = "E2021") -> Extraction:
    """What the extractor would have made of a document, with words in place of what differs."""
    headings = ("一、总体情况", "二、主动公开政府信息情况", "五、存在的主要问题及改进情况", "六、其他需要报告的事项")
    received = f"本年新收申请{_RECEIVED}件"
    title = f"@issuer{_YEAR}年政府信息公开工作年度报告"
    sections = [
        Section(f"s{number}", heading, f"@issuer{_YEAR}年{heading[2:]}：{received}。{_TEXT * 2}", Place(line=number))
        for number, heading in enumerate(headings, start=1)
    ]
    stated = Statement("s1.received", _RECEIVED, "件", received, Place(line=1), (), "s1")
    report = ReportReading(
        title=title,
        issuer="@issuer",
        report_year=_YEAR,
        edition=edition,
        year_edition=edition,
        cells=cells,
        tables=tuple(table.id for table in load_forms().editions[edition].tables),
        missing_tables=(),
        sections=tuple(sections),
        signed_by="@issuer",
        published_date=_PUBLISHED,
        statements=(stated,) if edition != "E2008" else (),
        issuer_evidence="title",
        year_evidence="title",
    )
    opening = f"首页 > 政府信息公开 > {title} {_TEXT[:120]}"
    return Extraction(ExtractionStatus.READ, DocumentFormat.HTML, report, metadata={"title": title}, place_text=opening)
