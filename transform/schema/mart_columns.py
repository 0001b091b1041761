"""Columns of the tables by issuer and year and by region and year.

Belongs here: their words. Does not belong here: measures and rates (`measures.py`, from the crosswalk of the forms).
"""

from dataclasses import replace

from transform.panel_rules import FINGERPRINT, LEVEL_BREAK, USUAL_LEVEL
from transform.schema import columns as c
from transform.schema.columns import Column, Unit

__all__ = [
    "APPLICATIONS_NEW_USUAL",
    "APPLICATIONS_PER_100000",
    "BASIS",
    "BODY_COUNT_EXPECTED",
    "CARRIED_FORWARD_PREVIOUS",
    "CARRY_OVER_DIFFERENCE",
    "COMPARABILITY_NOTES",
    "DISTINCT_FIGURE_COUNT",
    "EDITIONS",
    "EDITION_BREAK",
    "FIGURES_FINGERPRINT",
    "INCOMPLETE_MEASURES",
    "LEFT_OUT_COUNT",
    "LEVEL_BREAK_COLUMN",
    "NONZERO_FIGURE_COUNT",
    "POPULATION",
    "POPULATION_SOURCE",
    "PREVIOUS_REPORT_ID",
    "REGION_CODE",
    "REGION_LEVEL",
    "REPORTING_SHARE",
    "REPORTS_WITHOUT_TOTAL",
    "REPORTS_WITH_FAILING",
    "REPORT_EDITION_BREAK",
    "SOURCE_REPORT_ID",
]

_NO_REPORT_BEFORE = "no report of this issuer on the year before was found"

# ---- both tables ---------------------------------------------------------------------------------------------------
EDITION_BREAK = Column(
    "edition_break",
    "bool",
    Unit.NONE,
    "格式变更",
    "Between the year before and this one the form changed: the editions behind this row are not those behind the row "
    "of the same region and basis one year earlier. `comparability_notes` then names what cannot be compared exactly.",
    "no row of this region and basis for the year before",
)
REPORT_EDITION_BREAK = replace(
    EDITION_BREAK,
    description="Between the year before and this one the form changed: this report is on another edition than the "
    "issuer's report on the year before. `comparability_notes` then names what cannot be compared exactly.",
    null_means=_NO_REPORT_BEFORE,
)
COMPARABILITY_NOTES = Column(
    "comparability_notes",
    "list<string>",
    Unit.NONE,
    "可比性",
    "At a change of form (`edition_break`): every measure that does not mean exactly the same as in the year before, "
    "as `<measure>: near`, `partial` or `none` (one of the two forms lacks it, or nothing in it is comparable). Empty "
    "where the form did not change or no year before is known.",
    source="crosswalk of the forms, in `codes`",
)

# ---- issuer_year ---------------------------------------------------------------------------------------------------
PREVIOUS_REPORT_ID = replace(
    c.REPORT_ID.optional(_NO_REPORT_BEFORE),
    name="previous_report_id",
    title_zh="上年报告编号",
    description="Report of the same issuer on the year before.",
)
CARRIED_FORWARD_PREVIOUS = Column(
    "carried_forward_previous_year",
    "float64",
    Unit.APPLICATION,
    "上年报告的结转下年度",
    "What the issuer's report on the year before prints as carried forward (四、), to be held against this year's "
    "`applications_carried_over` (二、).",
    "no report on the year before, or it prints no number there",
)
CARRY_OVER_DIFFERENCE = Column(
    "carry_over_difference",
    "float64",
    Unit.APPLICATION,
    "结转差额",
    "`applications_carried_over` less `carried_forward_previous_year`; 0 where the two reports agree.",
    "one of the two is null, or the two reports differ in scope",
)
APPLICATIONS_NEW_USUAL = Column(
    "applications_new_usual",
    "float64",
    Unit.APPLICATION,
    "往年新收申请中位数",
    f"The usual level: median of `applications_new` over the latest {USUAL_LEVEL.most_years} earlier years in which "
    "the same issuer, with the same scope, prints it; gaps between years do not matter, editions neither.",
    f"fewer than {USUAL_LEVEL.least_years} such years",
)
LEVEL_BREAK_COLUMN = Column(
    "level_break",
    "bool",
    Unit.NONE,
    "水平突变",
    f"`applications_new` is at least {LEVEL_BREAK.factor} times `applications_new_usual` or at most a "
    f"{LEVEL_BREAK.factor}th of it, and at least {LEVEL_BREAK.least_difference} applications away: look at the report "
    "before using it (whole-city figures in one body's report, a lost or doubled digit).",
    "one of the two is null",
)
NONZERO_FIGURE_COUNT = Column(
    "nonzero_figure_count",
    "int64",
    Unit.CELL,
    "非零数值个数",
    "Figures of the statutory tables (tables 2 to 4, in E2014 the indicator list) that are numbers other than 0.",
    minimum=0,
)
DISTINCT_FIGURE_COUNT = Column(
    "distinct_figure_count",
    "int64",
    Unit.CELL,
    "不同数值个数",
    "How many different numbers are among the non-zero figures.",
    minimum=0,
)
FIGURES_FINGERPRINT = Column(
    "figures_fingerprint",
    "string",
    Unit.NONE,
    "数值指纹",
    "Two reports with the same fingerprint print the same numbers in the same cells, zeros and blanks apart: one may "
    "be a copy of the other, of another body or another year. The first 16 hexadecimal digits of the MD5 of all "
    "non-zero figures by cell code; the edition of the form takes no part.",
    f"fewer than {FINGERPRINT.least_figures} figures are not zero, or fewer than {FINGERPRINT.least_different} of them "
    "differ: such reports agree by chance",
)

# ---- region_year ---------------------------------------------------------------------------------------------------
REGION_CODE = replace(
    c.DIVISION_CODE.required(),
    description="Present code of the region: six digits, nine for a township or street. A renamed region stands under "
    "its present code in all years.",
)
REGION_LEVEL = replace(
    c.DIVISION_LEVEL,
    description="Level of the region. Townships and streets have rows where their reports tell the township's code.",
)
BASIS = Column(
    "basis",
    "string",
    Unit.NONE,
    "统计依据",
    "Where the figures come from; the two are two views of one thing and are never added.",
    values=("consolidated_report", "sum_of_own_reports"),
    value_notes={
        "consolidated_report": "the one report in which the region's government gives figures over its departments and "
        "lower levels",
        "sum_of_own_reports": "reports of single bodies in the region at any depth, each body once, as far as found",
    },
)
SOURCE_REPORT_ID = c.REPORT_ID.optional("the figures are a sum over several reports")
LEFT_OUT_COUNT = Column(
    "left_out_count",
    "int64",
    Unit.REPORT,
    "未计入报告数",
    "Reports not used because they would count a body twice, or stand for a part of the region only: further "
    "consolidated reports, among them those of units that the region took in since, or a government's own (本级) "
    "report beside that of its general office.",
    minimum=0,
)
BODY_COUNT_EXPECTED = Column(
    "body_count_expected",
    "int64",
    Unit.BODY,
    "应报告机关数",
    "Bodies in the region that should have reported on this year: `issuers_expected` of `coverage`.",
    "`coverage` does not know the region in this year",
    minimum=0,
)
REPORTING_SHARE = Column(
    "reporting_share",
    "float64",
    Unit.SHARE,
    "报告机关占比",
    "`report_count` / `body_count_expected`: the bodies behind the sum as a share of those expected. Governments with "
    "a consolidated report only are expected and not behind it.",
    "the row is a consolidated report, which does not say which bodies it adds up; or nobody knows how many are "
    "expected; or more are behind the row than expected",
    minimum=0,
    maximum=1,
)
REPORTS_WITHOUT_TOTAL = Column(
    "reports_without_total",
    "int64",
    Unit.REPORT,
    "无总计的报告数",
    "Reports behind this row that give no number of applications processed; they add nothing to its sum.",
    minimum=0,
)
REPORTS_WITH_FAILING = Column(
    "reports_with_failing_checks",
    "int64",
    Unit.REPORT,
    "勾稽不符的报告数",
    "Reports behind this row that break a rule of severity error.",
    minimum=0,
)
EDITIONS = Column("editions", "list<string>", Unit.NONE, "格式版本", "Editions of the form behind this row, in order.")
INCOMPLETE_MEASURES = Column(
    "incomplete_measures",
    "list<string>",
    Unit.NONE,
    "不完整指标",
    "Measures that an edition behind this row has and for which some report behind it gives no number: the figure is "
    "then a lower bound, or null. Measures that no edition behind the row has are null and not named here.",
)
POPULATION = Column(
    "population",
    "int64",
    Unit.PERSON,
    "人口",
    "People in the region in this year, from the file population.csv of the data folder; never estimated or carried "
    "over from another year.",
    "the file has no line for this region and year, or there is no file",
    minimum=1,
)
POPULATION_SOURCE = Column(
    "population_source",
    "string",
    Unit.NONE,
    "人口数据来源",
    "Where `population` was taken from, as population.csv states it.",
    "`population` is null",
)
APPLICATIONS_PER_100000 = Column(
    "applications_per_100000",
    "float64",
    Unit.PER_100000,
    "每十万人新收申请",
    "`applications_new` / `population` × 100,000; on the basis of own reports a lower bound.",
    "one of the two is null",
    minimum=0,
)
