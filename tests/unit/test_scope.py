"""Whose figures a report gives: told by statement, title, body and magnitude, with the evidence; never guessed."""

import csv
import gzip

import pytest

from transform.regions.gazetteer import REFERENCE_FOLDER, load_gazetteer
from transform.regions.lifespans import read_lifespans, read_township_lifespans
from transform.scope import IssuerKind, Scope, ScopeFigures, decide_scope

GOVERNMENT, OFFICE, ZONE = IssuerKind.GOVERNMENT, IssuerKind.GOVERNMENT_OFFICE, IssuerKind.ZONE_COMMITTEE
WHOLE = "2024年，全市各级行政机关共收到政府信息公开申请3,119件，其中市政府办公室收到申请120件。"


def decide(
    kind: IssuerKind,
    title: str | None = None,
    text: str | None = None,
    *,
    new: float | None = None,
    carried_over: float | None = None,
    prose: str = "",
    zone: str | None = None,
) -> tuple[Scope, str]:
    return decide_scope(kind, title, text, zone, lambda: ScopeFigures(new, carried_over, (prose,)))


@pytest.mark.parametrize(
    ("kind", "title", "text", "scope", "evidence"),
    [
        (GOVERNMENT, "淮安市2024年政府信息公开工作年度报告", None, Scope.CONSOLIDATED, "kind of body"),
        (GOVERNMENT, "淮安市2024年全市政府信息公开工作年度报告", None, Scope.CONSOLIDATED, "title: 全市"),
        (GOVERNMENT, "淮安市政府系统2024年政府信息公开工作年度报告", None, Scope.CONSOLIDATED, "title: 政府系统"),
        (GOVERNMENT, "淮安市人民政府（本级）2024年政府信息公开工作年度报告", "全市", Scope.OWN, "title: 本级"),
        (GOVERNMENT, None, "2024年，全区共受理申请45件", Scope.CONSOLIDATED, "text: 全区共受理申请45件"),
        (GOVERNMENT, None, "数据由各县（区）、各部门汇总而成", Scope.CONSOLIDATED, "text: 各县"),
        (GOVERNMENT, None, "本报告数据不含各县区、市各部门", Scope.OWN, "text: 不含"),
        (GOVERNMENT, None, "本报告仅统计市政府本级数据，全市数据另行公布", Scope.OWN, "text: 仅统计"),
        (GOVERNMENT, None, "本报告含市各部门，不含县区", Scope.UNKNOWN, "text: 不含县区"),
        (GOVERNMENT, None, "维护粮食安全市场", Scope.CONSOLIDATED, "kind of body"),
        (ZONE, None, "全区共收到申请12件", Scope.CONSOLIDATED, "text: 全区"),
        (ZONE, None, "全州县级行政机关收到申请12件", Scope.CONSOLIDATED, "text: 全州"),
        (ZONE, None, "截至今天全县收到申请12件", Scope.CONSOLIDATED, "text: 全县"),
        (ZONE, None, "全州县受理申请12件", Scope.UNKNOWN, "does not say"),
        (ZONE, None, "天全县受理申请12件", Scope.UNKNOWN, "does not say"),
        (ZONE, None, "本机关收到申请12件", Scope.UNKNOWN, "does not say"),
        (ZONE, None, "定期汇总。更新依申请公开指南", Scope.UNKNOWN, "does not say"),
        (ZONE, None, "以上统计数据为各单位汇总", Scope.CONSOLIDATED, "text: 统计数据"),
        (ZONE, None, "健全市场体系", Scope.UNKNOWN, "does not say"),
        (ZONE, None, "管委会完善全区域服务", Scope.UNKNOWN, "does not say"),
        (OFFICE, "淮安市人民政府办公室2024年政府信息公开工作年度报告", "全市共受理", Scope.OWN, "kind of body"),
        (OFFICE, "淮安市人民政府办公室关于全市2024年政府信息公开工作年度报告", None, Scope.UNKNOWN, "but title: 全市"),
        (IssuerKind.DEPARTMENT, "全市教育系统2024年报告", "全市各级行政机关", Scope.OWN, "kind of body: department"),
        (IssuerKind.TOWNSHIP_GOVERNMENT, None, "全镇各部门汇总", Scope.OWN, "kind of body"),
        (IssuerKind.SUBDISTRICT, None, "全区", Scope.OWN, "kind of body"),
        (IssuerKind.INSTITUTION, None, None, Scope.OWN, "kind of body"),
        (IssuerKind.UNKNOWN, None, "全市共受理", Scope.UNKNOWN, "not known"),
    ],
)  # fmt: skip
def test_words_decide(kind: IssuerKind, title: str | None, text: str | None, scope: Scope, evidence: str):
    found = decide(kind, title, text)
    assert found[0] is scope, found
    assert evidence in found[1]


@pytest.mark.parametrize(
    ("kind", "new", "carried_over", "prose", "scope", "evidence"),
    [
        (GOVERNMENT, 3119, 50, WHOLE, Scope.CONSOLIDATED, "the table counts 3119"),
        (GOVERNMENT, 3100, 19, WHOLE, Scope.CONSOLIDATED, "the table counts 3100"),  # received: new and carried over
        (GOVERNMENT, 120, 3, WHOLE, Scope.OWN, "收到申请120件"),
        (GOVERNMENT, 999, 3, WHOLE, Scope.CONSOLIDATED, "kind of body"),  # neither: no tie to break
        (GOVERNMENT, 40, 0, "全市共收到政府信息公开申请3119件。", Scope.UNKNOWN, "less than"),
        (GOVERNMENT, 2900, 0, "全市共收到政府信息公开申请3119件。", Scope.CONSOLIDATED, "kind of body"),
        (GOVERNMENT, 40, 0, "全市共收到政府信息公开申请４０件。", Scope.CONSOLIDATED, "the table counts 40"),
        (GOVERNMENT, 0, 0, "全市共收到政府信息公开申请0件。", Scope.CONSOLIDATED, "kind of body"),
        (GOVERNMENT, None, None, WHOLE, Scope.CONSOLIDATED, "kind of body"),
        (GOVERNMENT, 12, 0, "全区共收到申请12件，本机关收到申请12件。", Scope.CONSOLIDATED, "the table counts 12"),
        (ZONE, 154, 0, "全区共收到政府信息公开申请154件", Scope.CONSOLIDATED, "the table counts 154"),
        (OFFICE, 120, 3, WHOLE, Scope.OWN, "kind of body"),
        (OFFICE, 3119, 50, WHOLE, Scope.UNKNOWN, "but figures"),  # the whole city's, under the office's name
        (IssuerKind.DEPARTMENT, 3119, 50, WHOLE, Scope.OWN, "kind of body"),
    ],
)
def test_magnitude_breaks_a_tie_or_raises_a_doubt(
    kind: IssuerKind, new: float | None, carried_over: float | None, prose: str, scope: Scope, evidence: str
):
    found = decide(kind, new=new, carried_over=carried_over, prose=prose)
    assert found[0] is scope, found
    assert evidence in found[1]


def test_a_statement_goes_before_magnitude_and_a_zone_without_a_code_before_all():
    narrow = "本报告数据不含各县区、市各部门。"
    assert decide(GOVERNMENT, text=narrow, new=3119, prose=WHOLE)[0] is Scope.OWN
    assert decide(GOVERNMENT, "淮安市本级2024年报告", new=3119, prose=WHOLE)[0] is Scope.OWN
    assert decide(ZONE, new=154, prose="全区共收到申请154件", zone="某示范区")[0] is Scope.UNKNOWN


def test_figures_are_asked_for_only_where_the_scope_may_hang_on_them():
    def refuse() -> ScopeFigures:
        raise AssertionError("asked")

    assert decide_scope(IssuerKind.DEPARTMENT, None, None, None, refuse)[0] is Scope.OWN
    assert decide_scope(IssuerKind.TOWNSHIP_GOVERNMENT, None, None, None, refuse)[0] is Scope.OWN


def test_no_name_of_a_place_says_that_the_whole_place_is_meant() -> None:
    """万全区, 天全县 and 全州县 have offices too."""
    lifespans = read_lifespans(REFERENCE_FOLDER)
    names = {division.name for division in load_gazetteer().divisions.values()}
    names |= {name for _, name in lifespans} | {name for _, name, _ in read_township_lifespans(REFERENCE_FOLDER)}
    with gzip.open(REFERENCE_FOLDER / "streets.csv.gz", "rt", encoding="utf-8", newline="") as file:
        names |= {row["name"] for row in csv.DictReader(file)}
    named_so = sorted(name for name in names if "全" in name)
    assert {"万全区", "天全县", "全州县", "全州镇"} <= set(named_so)
    for name in named_so:
        title = f"{name}人民政府办公室2023年政府信息公开工作年度报告"
        assert decide(OFFICE, title)[0] is Scope.OWN, name
    assert decide(OFFICE, "万全区人民政府办公室2023年全区政府信息公开工作年度报告")[0] is Scope.UNKNOWN
