"""A data folder of many made-up reports with known totals: what `benchmarks.scale` builds a warehouse from.

Belongs here: drawing figures that close, and writing them as if a crawl and the extractor had. Real divisions of the
gazetteer, each with its government (consolidated), its office and some forty departments (own); bodies stay the same
over the years, so that rules over two years hold. Documents are made from templates: cells are joined from pieces.
"""

import hashlib
import json
import sqlite3
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

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
from pipelines.cache import ExtractionCache, stored_version
from pipelines.crew import Crew
from pipelines.layout import DataLayout
from pipelines.packed import pack, packed_columns
from transform.cell_columns import CellColumns
from transform.regions.gazetteer import REFERENCE_FOLDER, Division, Level, load_gazetteer
from transform.regions.lifespans import ALWAYS, read_former_units, read_lifespans

__all__ = ["Inputs", "known_inputs", "write_inputs"]

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
_AT_ONCE = 100
"""Bodies whose figures are drawn together."""
_COUNTS = ("reports", "documents", "cells", "payload_bytes", "processor_seconds")
_KNOWN, _TOTALS = "inputs.json", "totals.parquet"
_NO_CELLS = packed_columns(CellColumns.of(())).decode()
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
    processor_seconds: float
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


def write_inputs(layout: DataLayout, reports: int, crew: Crew, told: Callable[[int], None] = lambda _: None) -> Inputs:
    """Fill an empty data folder with some `reports`, their documents and the ledger; the same ones every time.

    What was written is remembered beside them, so that a stopped run can go on (`known_inputs`). `told` hears how many
    reports there are so far.
    """
    issuers = _issuers(reports)
    batches = [issuers[start : start + _AT_ONCE] for start in range(0, len(issuers), _AT_ONCE)]
    totals: dict[tuple[str, int, str], list[float]] = {}
    written = documents = cells = size = 0
    seconds = time.process_time()
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
        for connection in (cache, ledger):
            connection.commit()
        written, documents, cells = written + made.reports, documents + len(made.fetches), cells + made.cells
        size += sum(len(row[-1]) for row in made.extractions)
        for key, figures in made.totals.items():
            sums = totals.setdefault(key, [0.0, 0.0])
            sums[0] += figures[0]
            sums[1] += figures[1]
        told(written)
    # As after a crawl: a district whose name others bear too is told by its portal.
    portals = {
        f"p{division.code}": {"name": f"{division.name}人民政府", "division_code": division.code}
        for division in {issuer.division.code: issuer.division for issuer in issuers}.values()
    }
    (layout.root / "portals.json").write_text(json.dumps(portals, ensure_ascii=False), encoding="utf-8")
    for connection in (cache, ledger):
        connection.execute("PRAGMA journal_mode=WAL")
        connection.close()
    rows = [
        {"division_code": code, "report_year": year, "basis": basis, "applications_new": new, "litigation_total": suits}
        for (code, year, basis), (new, suits) in sorted(totals.items())
    ]
    spent = time.process_time() - seconds + crew.seconds
    inputs = Inputs(written, documents, cells, size, spent, pa.Table.from_pylist(rows))
    _remember(layout, inputs)
    return inputs


def _remember(layout: DataLayout, inputs: Inputs) -> None:
    counts = {name: getattr(inputs, name) for name in _COUNTS} | {"extractor_version": EXTRACTOR_VERSION}
    pq.write_table(inputs.totals, layout.root / _TOTALS)
    (layout.root / _KNOWN).write_text(json.dumps(counts), encoding="utf-8")


def known_inputs(layout: DataLayout) -> Inputs | None:
    """What an earlier run wrote into the folder to its end; None where it was stopped or the extractor is another."""
    file = layout.root / _KNOWN
    if not file.exists():
        return None
    told = json.loads(file.read_text(encoding="utf-8"))
    if told.pop("extractor_version") != EXTRACTOR_VERSION:
        return None
    return Inputs(**told, totals=pq.read_table(layout.root / _TOTALS))


def _issuers(reports: int) -> list[_Issuer]:
    """The bodies, governments first; a body that came first has reported for longest.

    None reports before its division was there, if another place bears its name or did (吐鲁番市 before 2015).
    """
    lifespans = read_lifespans(REFERENCE_FOLDER)
    gazetteer = load_gazetteer()
    bearers: dict[str, set[str]] = {}
    for division in gazetteer.divisions.values():
        bearers.setdefault(division.name, set()).add(division.code)
    for unit in read_former_units(REFERENCE_FOLDER, lifespans):
        bearers.setdefault(unit.name, set()).add(unit.successor)

    def first_year(division: Division) -> int:
        lifespan = lifespans.get((division.code, division.name), ALWAYS)
        is_anothers = bearers[division.name] != {division.code}
        return lifespan.first_year or _FIRST_YEAR if is_anothers else _FIRST_YEAR

    per_year = {year: max(1, round(reports * share)) for year, share in _SHARES.items()}
    most = max(per_year.values())
    known = sorted(
        (
            division
            for division in gazetteer.divisions.values()
            if division.level in (Level.PREFECTURE, Level.COUNTY) and not division.is_zone
        ),
        key=lambda division: division.code,
    )
    wanted = min(len(known), -(-most // len(_BODIES)))
    divisions = [known[place * len(known) // wanted] for place in range(wanted)]
    listed = [(division, body) for body in _BODIES for division in divisions][:most]
    return [
        _Issuer(number, division, body, max(min(y for y in _YEARS if number < per_year[y]), first_year(division)))
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
    version = stored_version(EXTRACTOR_VERSION)
    random = np.random.default_rng(issuers[0].number)
    carried: _Carried = {}
    for year in _YEARS:
        template = _template(_edition_of(year))
        matrix = template.draw(random, len(issuers), carried)
        are_blank = random.random(len(issuers)) < _BLANK_SHARE
        for place, issuer in enumerate(issuers):
            if year < issuer.first_year:
                continue
            figures = matrix[place].tolist()
            payload = template.payload(issuer, year, figures, leaves_blanks=bool(are_blank[place]))
            number = issuer.number * len(_YEARS) + year - _FIRST_YEAR
            kinds = ["html", "docx"] if number % _TWICE_EVERY == 0 else ["html"]
            for kind in kinds:
                sha256 = hashlib.sha256(f"{number}.{kind}".encode()).hexdigest()
                packed = zlib.compress(payload.replace('"format":"html"', f'"format":"{kind}"').encode(), 1)
                extractions.append((sha256, version, "read", year, None, 0, packed))
                fetches.append(_fetch(issuer, year, sha256, kind))
            if number % _UNREAD_EVERY == 0:
                sha256 = hashlib.sha256(f"{number}.unread".encode()).hexdigest()
                extractions.append((sha256, version, "not_a_report", None, "no_report", 0, _no_report()))
                fetches.append(_fetch(issuer, year, sha256, "unread"))
            reports += 1
            cells += len(template.codes)
            received, litigation = template.new_of(figures), template.suits_of(figures)
            for key in _keys(issuer, year):
                new, suits = totals.get(key, (0.0, 0.0))
                totals[key] = new + received, suits + litigation
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
    return pack(
        Extraction(ExtractionStatus.NOT_A_REPORT, DocumentFormat.HTML, None, "no_report", "No report was found.")
    )


_Floats = npt.NDArray[np.float64]
_Carried = dict[str, _Floats]


class _Template:
    """The documents of one edition: which figures there are, how they close, and the words between them."""

    def __init__(self, edition: str) -> None:
        self.edition = edition
        declared = load_forms().editions[edition]
        self.codes = [spec.code for spec in declared.cells]
        self._place = {code: place for place, code in enumerate(self.codes)}
        self._new = self._place.get("st.received.value" if edition == "E2014" else "t3.new_received.total")
        litigation = ("st.litigation.value",) if edition == "E2014" else _LITIGATION
        self._suits = [self._place[code] for code in litigation] if self.codes else []
        own = [rule for rule in rules_of(edition) if not any(term.previous_year for term in (*rule.left, *rule.right))]
        self._sums = [
            ([self._place[term.cell] for term in rule.left if not term.instead_of], self._place[rule.right[0].cell])
            for rule in sorted(own, key=_depth)
            if rule.comparator == "==" and len(rule.right) == 1 and rule.right[0].cell in self._place
        ]
        self._amounts = [self._place[spec.code] for spec in declared.cells if spec.type == "amount"]
        self._may_be_blank = [code.startswith("t3.") and not code.endswith(".total") for code in self.codes]
        self._words = to_json(_extraction(edition)).decode()
        self._columns = _columns(self.codes)

    def draw(self, random: np.random.Generator, bodies: int, carried: _Carried) -> _Floats:
        """Figures that close, a row for each body; `carried` hands on what the next year begins with."""
        drawn = random.poisson(0.7, (bodies, len(self.codes))).astype(float)
        values = {code: drawn[:, place] for code, place in self._place.items()}  # columns of the matrix, not copies
        for column in _APPLICANTS if "t3.granted.total" in values else ():
            over, forward = f"t3.carried_over.{column}", f"t3.carried_forward.{column}"
            values[over][:] = carried.get(forward, values[over])
            values[f"t3.granted.{column}"] += values[over]
            carried[forward] = values[forward].copy()
        for item in ("rules", "normative_documents"):
            in_force = f"t2.{item}.in_force"
            if in_force in values:
                values[f"t2.{item}.repealed"][:] = 0.0
                values[in_force][:] = carried.get(in_force, np.full(bodies, 20.0)) + values[f"t2.{item}.issued"]
                carried[in_force] = values[in_force].copy()
            if f"t2.{item}.newly_disclosed" in values:
                values[f"t2.{item}.newly_disclosed"][:] = values[f"t2.{item}.made_this_year"]
                values[f"t2.{item}.total_disclosed"][:] = 20 + values[f"t2.{item}.made_this_year"]
        for code in self.codes:
            if code.endswith(".prior_year_items"):
                values[code][:] = carried.get(code, values[code])
                carried[code] = values[code] + values[code.replace("prior_year_items", "change")]
        drawn[:, self._amounts] += 0.25
        for parts, total in self._sums:
            drawn[:, total] = drawn[:, parts].sum(axis=1)
        for column in (*_APPLICANTS, "total") if "t3.granted.total" in values else ():
            processed, forward_now, over_now = (
                values[f"t3.{row}.{column}"] for row in ("total_processed", "carried_forward", "carried_over")
            )
            values[f"t3.new_received.{column}"][:] = processed + forward_now - over_now
        if self.edition == "E2014":
            values["st.completed_on_time.value"][:] = values["st.replied.value"]
            values["st.completed_extended.value"][:] = 0.0
            values["st.completed.value"][:] = values["st.replied.value"]
            values["st.received_online.value"] += values["st.replied.value"]
            values["st.received.value"] += values["st.replied.value"]
        return drawn

    def new_of(self, figures: Sequence[float]) -> float:
        """The applications received."""
        return figures[self._new] if self._new is not None else 0.0

    def suits_of(self, figures: Sequence[float]) -> float:
        """The lawsuits."""
        return sum(figures[place] for place in self._suits)

    def payload(self, issuer: _Issuer, year: int, figures: Sequence[float], *, leaves_blanks: bool) -> str:
        """The extraction as the cache keeps it (pipelines/packed.py), before it is squeezed."""
        raws = [f"{value:g}" for value in figures]
        numbers = raws
        status = '"reported"'
        if leaves_blanks:
            blank = [may and not value for may, value in zip(self._may_be_blank, figures, strict=True)]
            numbers = ["null" if is_blank else raw for is_blank, raw in zip(blank, raws, strict=True)]
            raws = ["" if is_blank else raw for is_blank, raw in zip(blank, raws, strict=True)]
            status = '","'.join("blank" if is_blank else "reported" for is_blank in blank).join(('["', '"]'))
        words = (
            self._words.replace("@issuer", issuer.name)
            .replace(_PUBLISHED.isoformat(), f"{year + 1}-01-{5 + issuer.number % 24:02d}")
            .replace(str(_YEAR), str(year))
            .replace(str(_RECEIVED), str(int(self.new_of(figures))))
        )
        columns = (
            self._columns[leaves_blanks]
            .replace('"@value"', f"[{','.join(numbers)}]", 1)
            .replace('"@raw"', '","'.join(raws).join(('["', '"]')), 1)
            .replace('"@status"', status, 1)
        )
        return f"{words}\n{columns if self.codes else _NO_CELLS}"


_APPLICANTS = ("natural_person", "commercial", "research", "public_welfare", "legal_service", "other_org")
_LITIGATION = ("t4.litigation_direct.total", "t4.litigation_after_reconsideration.total")


def _depth(rule: RuleInstance) -> tuple[int, str]:
    """Parts before the sums that they go into: columns before the total of a row, refusals before replies."""
    order = ("refused_parts", "result_total", "row_total")
    return next((place for place, word in enumerate(order) if word in rule.rule_id), len(order)), rule.id


@lru_cache(maxsize=8)
def _template(edition: str) -> _Template:
    return _Template(edition)


def _columns(codes: Sequence[str]) -> tuple[str, str]:
    """The cells as columns, with marks in place of figures: where each is printed, and where some are left blank."""
    cells = [
        CellReading(
            code, 0, "0", CellStatus.REPORTED, Place(table=1 + place // 80, row=3 + place // 7, column=2 + place % 7),
            unit="件", flags=("read_twice",) if code.startswith("t2.") else (),
        )
        for place, code in enumerate(codes)
    ]  # fmt: skip
    told = json.loads(packed_columns(CellColumns.of(cells)))
    marks = {"value": "@value", "raw": "@raw", "status": "@status"}
    kept = {name: value for name, value in told["same"].items() if name not in marks}
    each = told["each"] | {"value": "@value", "raw": "@raw"}
    full = {"count": len(codes), "same": kept | {"status": "reported"}, "each": each}
    blank = {"count": len(codes), "same": kept, "each": each | {"status": "@status"}}
    first, second = (json.dumps(some, ensure_ascii=False, separators=(",", ":")) for some in (full, blank))
    return first, second


def _extraction(edition: str) -> Extraction:
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
        cells=(),
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
