"""Tables `issuers` and `issuer_names`: one row a body, every merge with its basis, what came before and after."""

from dataclasses import replace

import pyarrow as pa
from transform_samples import Body, document, full_form, row_of

from transform.bodies import ISSUER_NAMES_COLUMNS, ISSUERS_COLUMNS, build_issuer_names, build_issuers
from transform.extracted import ExtractedDocument
from transform.identity import identify
from transform.renditions import build_renditions
from transform.schema.derive import empty
from transform.schema.tables import TABLES

PORTAL = "610102"
ZERO = full_form("E2021", {})


def printed(name: str, year: int, portal: str | None = PORTAL) -> ExtractedDocument:
    made = document(ZERO, body=Body(name), year=year)
    return replace(made, portal_division_code=portal, portal_name=None)


def reports_of(*documents: ExtractedDocument) -> pa.Table:
    """What `bodies` looks at of `reports`, from the primary renditions."""
    years = sorted({item.extraction.report.report_year for item in documents if item.extraction.report})
    renditions = pa.concat_tables(build_renditions(report_year=year or 0, extractions=documents) for year in years)
    columns = sorted({*ISSUERS_COLUMNS["reports"], *ISSUER_NAMES_COLUMNS["reports"]})
    return renditions.filter(renditions.column("is_primary")).select(columns)


def test_a_renamed_body_is_one_row_with_all_its_names():
    reports = reports_of(
        printed("西安市新城区国土资源局", 2017), printed("国土局", 2018), printed("新城区自然资源局", 2020)
    )
    (row,) = build_issuers(reports=reports).to_pylist()
    assert (row["issuer_name"], row["sector"], row["issuer_function"]) == (
        "新城区自然资源局", "natural_resources", "natural_resources",
    )  # fmt: skip
    assert row["names"] == ["国土局", "新城区自然资源局", "西安市新城区国土资源局"]
    assert (row["first_year"], row["last_year"], row["report_count"]) == (2017, 2020, 3)
    assert (row["issuer"], row["predecessor_ids"]) == ("新城区自然资源局", [])


def test_every_printed_name_stands_with_its_basis_for_review():
    reports = reports_of(
        printed("西安市新城区国土资源局", 2017),
        printed("国土局", 2018),
        printed("新城区自然资源局", 2020),
        printed("新城区自然资源局", 2021),
    )
    names = build_issuer_names(reports=reports)
    assert {row["printed_name"]: row["name_basis"] for row in names.to_pylist()} == {
        "西安市新城区国土资源局": ["parent_named", "table_row:国土资源局"],
        "国土局": ["place_omitted", "table_row:国土局"],
        "新城区自然资源局": [],
    }
    row = row_of(names, printed_name="新城区自然资源局")
    assert (row["first_year"], row["last_year"], row["report_count"]) == (2020, 2021, 2)
    assert {row["issuer_name"] for row in names.to_pylist()} == {"新城区自然资源局"}


def test_merged_bodies_know_their_successor_and_it_knows_them():
    reports = reports_of(
        printed("新城区工商行政管理局", 2017),
        printed("新城区质监局", 2017),
        printed("新城区市场监督管理局", 2020),
        printed("西安市质量技术监督局", 2017, None),
        printed("新城区法制办", 2017),
        printed("新城区司法局", 2020),
    )
    issuers = {row["issuer_name"]: row for row in build_issuers(reports=reports).to_pylist()}
    market = issuers["新城区市场监督管理局"]
    assert market["predecessor_ids"] == sorted(
        issuers[name]["issuer_id"] for name in ("新城区工商行政管理局", "新城区质量技术监督局")
    )
    assert issuers["新城区工商行政管理局"]["successor_ids"] == [market["issuer_id"]]
    assert (issuers["新城区工商行政管理局"]["declared_to"], market["declared_from"]) == (2018, 2013)
    assert issuers["西安市质量技术监督局"]["successor_ids"] == []  # the city's own has not reported
    assert issuers["新城区司法局"]["predecessor_ids"] == [issuers["新城区法制办公室"]["issuer_id"]]


def test_a_department_leads_to_its_government_whether_or_not_that_has_reported():
    reports = reports_of(printed("新城区教育局", 2020), printed("新城区人民政府", 2020))
    issuers = {row["issuer_name"]: row for row in build_issuers(reports=reports).to_pylist()}
    government = issuers["新城区人民政府"]
    assert issuers["新城区教育局"]["parent_issuer_id"] == government["issuer_id"]
    assert government["parent_issuer_id"] is not None
    assert government["sector"] == "general_government"


def test_an_identity_carries_sector_name_and_basis_into_renditions():
    made = printed("西安市新城区卫计局", 2017)
    assert made.extraction.report is not None
    columns = identify(made, made.extraction.report).columns()
    assert (columns["sector"], columns["issuer_name"], columns["issuer_function"]) == (
        "health", "新城区卫生健康委员会", "health",
    )  # fmt: skip
    assert columns["issuer"] == "西安市新城区卫计局"
    assert {"sector", "issuer_name", "name_basis", "issuer_function", "parent_issuer_id"} <= set(
        TABLES["reports"].column_names
    )


def test_no_reports_give_no_bodies():
    reports = empty(TABLES["reports"])
    assert build_issuers(reports=reports).num_rows == 0
    assert build_issuer_names(reports=reports).num_rows == 0
