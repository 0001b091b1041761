"""Who reports where the title does not begin with the body: brackets, dashes, papers, openings, trails of links."""

import pytest

from extract.api import extract
from extract.forms.bodies import body_in_statement, body_in_trail, is_body_told, marked
from extract.forms.identity import Identity, is_report_title, read_identity
from extract.forms.lines import Fragment, Line
from extract.model import Place

REPORT = "2024年政府信息公开工作年度报告"
BARE = f"#{REPORT}"
LAW = "《中华人民共和国政府信息公开条例》"


def identity_of(*texts: str, section: int | None = None, **metadata: str) -> Identity:
    """As read from one line a text; a text that begins with # is a heading."""
    lines = [
        Line((Fragment(text.removeprefix("#"), Place(line=number), is_heading=text.startswith("#")),))
        for number, text in enumerate(texts, start=1)
    ]
    return read_identity(lines, metadata, section)


class TestBrackets:
    @pytest.mark.parametrize(
        ("title", "issuer"),
        [
            ("2024年政府信息公开工作年度报告（青川县教育局）", "青川县教育局"),
            ("2024年度政府信息公开年报(青川县教育局)", "青川县教育局"),
            ("2024年政府信息公开工作年度报告（望江镇人民政府）", "望江镇人民政府"),
            ("2024年政府信息公开工作年度报告（青川县财政局）（图片版）", "青川县财政局"),
            ("2024年政府信息公开工作年度报告（图片版）（青川县财政局）", "青川县财政局"),
            ("2024年政府信息公开工作年度报告（青川县统计局）", "青川县统计局"),
            ("2024年政府信息公开工作年度报告（会同县经济和信息化局）", "会同县经济和信息化局"),
            ("2024年政府信息公开工作年度报告（青川县供销合作社联合社）", "青川县供销合作社联合社"),
            ("2024年政府信息公开年报（青川县住建局（县人防办公室））", "青川县住建局(县人防办公室)"),
            ("关于2024年政府信息公开工作年度报告的公告（青川县教育局）", "青川县教育局"),
            ("2024年政府信息公开工作年度报告（青川县教育局）-青川县人民政府", "青川县教育局"),
        ],
    )  # fmt: skip
    def test_closing_brackets_name_the_body_of_a_title_without_one(self, title: str, issuer: str) -> None:
        identity = identity_of(f"#{title}", "正文")
        assert (identity.title, identity.issuer, identity.report_year) == (title, issuer, 2024)
        assert identity.issuer_evidence == "title (text)"
        assert not identity.anomalies

    @pytest.mark.parametrize(
        "inside",
        [
            "青川县", "图片版", "2024年", "2024年度", "文字版", "全部", "本级", "本局", "我局", "局机关", "乡镇",
            "镇街道", "不含乡镇", "含乡镇人民政府", "乡镇人民政府", "各部门和乡镇", "市直部门", "原青川县文化局",
            "青川县教育局等", "青川县教育局、青川县体育局", "青川县教育局和青川县体育局", "来源：青川县教育局",
            "青川县融媒体中心", "青川县新闻办公室", "青川县人民政府办公室", "县政府办", "青川县教育局办公室",
            "望江镇党政办", "青川县政务公开办公室", "经局党组会审议", "青川县门户网站",
        ],
    )  # fmt: skip
    def test_brackets_that_hold_no_body_for_certain_name_nobody(self, inside: str) -> None:
        assert identity_of(f"#{REPORT}（{inside}）", "正文").issuer is None

    def test_two_bodies_in_brackets_name_nobody(self) -> None:
        assert identity_of(f"#{REPORT}（青川县教育局）（青川县体育局）").issuer is None

    def test_a_body_before_the_year_stays_whatever_the_brackets_hold(self) -> None:
        assert identity_of("青川县教育局2024年政府信息公开工作年度报告（青川县体育局）").issuer == "青川县教育局"
        assert identity_of("青川县门户网站2024年政府信息公开工作年度报告（青川县体育局）").issuer is None

    def test_a_region_before_the_year_is_not_the_issuer_where_brackets_name_its_department(self) -> None:
        assert identity_of("青川县2024年政府信息公开工作年度报告（县教育局）").issuer == "县教育局"
        assert identity_of("青川县2024年政府信息公开工作年度报告（青川县教育局）").issuer == "青川县教育局"

    @pytest.mark.parametrize("inside", ["县政府办公室", "青川县大数据局", "文字版"])
    def test_a_region_stays_where_brackets_may_name_who_compiled_its_report(self, inside: str) -> None:
        assert identity_of(f"青川县2024年政府信息公开工作年度报告（{inside}）").issuer == "青川县"

    def test_brackets_on_the_line_under_the_title_belong_to_it(self) -> None:
        identity = identity_of("导航", REPORT, "（青川县教育局）", "正文")
        assert (identity.title, identity.issuer) == (f"{REPORT}（青川县教育局）", "青川县教育局")
        assert identity_of("导航", REPORT, "（图片版）", "正文").title == REPORT

    def test_a_name_that_begins_with_its_level_is_given_in_full_where_the_page_prints_it_so(self) -> None:
        assert identity_of(f"#{REPORT}（县教育局）", source="青川县教育局").issuer == "青川县教育局"
        assert identity_of(f"#{REPORT}（县教育局）", f"本报告由青川县教育局根据{LAW}编制。").issuer == "青川县教育局"
        assert identity_of(f"#{REPORT}（县教育局）", source="青川县体育局").issuer == "县教育局"


class TestDashes:
    @pytest.mark.parametrize("dash", ["-", "--", "—", "——", " - "])
    def test_a_heading_names_its_body_behind_a_dash(self, dash: str) -> None:
        identity = identity_of(f"#2024年政府信息公开年度报告{dash}青川县教育局", "正文")
        assert (identity.issuer, identity.report_year) == ("青川县教育局", 2024)
        assert not identity.anomalies

    def test_the_title_in_the_metadata_names_its_body_behind_a_dash(self) -> None:
        title = f"{REPORT}--青川县教育局"
        assert identity_of("正文", article_title=title).issuer == "青川县教育局"
        assert identity_of(title, "正文", article_title=title).issuer == "青川县教育局"

    @pytest.mark.parametrize(
        "site",
        [
            "青川县人民政府门户网站", "青川县人民政府", "青川县政府网", "望江镇人民政府", "望江镇", "望江街道办事处",
            "甲经济开发区管理委员会", "青川县信息中心", "青川县", "政府信息公开年报", "青川县教育局-青川县人民政府",
            "青川县人民政府办公室",
        ],
    )  # fmt: skip
    def test_a_site_behind_a_dash_is_not_the_issuer(self, site: str) -> None:
        title = f"{REPORT}-{site}"
        assert identity_of(f"#{title}", "正文").issuer is None
        assert identity_of(title, "正文", title=title, article_title=title).issuer is None

    def test_a_department_site_in_the_title_of_the_window_is_not_the_issuer(self) -> None:
        title = f"{REPORT}-青川县教育局"
        assert identity_of(BARE, "正文", title=title).issuer is None
        # A page saved as text begins with the window's title.
        assert identity_of(title, "正文").issuer is None
        assert identity_of(f"#{title}", "正文", site_name="青川县教育局").issuer is None

    def test_a_line_that_may_be_the_title_of_the_window_needs_a_second_witness(self) -> None:
        title = f"{REPORT}-青川县教育局"
        assert identity_of(title, "正文", source="青川县教育局").issuer == "青川县教育局"
        assert identity_of(title, "正文", source="青川县融媒体中心").issuer is None

    def test_what_the_opening_or_the_signature_says_goes_before_a_dash(self) -> None:
        title = f"#{REPORT}-青川县教育局"
        assert identity_of(title, f"本报告由青川县第一中学根据{LAW}编制。").issuer == "青川县第一中学"
        assert identity_of(title, "正文", "青川县第一中学", "2025年1月20日").issuer == "青川县第一中学"
        assert identity_of(title, f"2024年，我校按照{LAW}公开信息。").issuer is None

    def test_a_dash_under_a_region_names_its_department(self) -> None:
        assert identity_of("#青川县2024年政府信息公开工作年度报告-县教育局").issuer == "县教育局"
        assert identity_of("#青川县2024年政府信息公开工作年度报告-青川县人民政府").issuer == "青川县"


class TestPapers:
    @pytest.mark.parametrize(
        ("title", "issuer"),
        [
            ("关于印发《青川县教育局2024年政府信息公开工作年度报告》的通知", "青川县教育局"),
            ("关于公布《青川县教育局2024年政府信息公开工作年度报告》的公告", "青川县教育局"),
            ("关于公布青川县教育局2024年政府信息公开工作年度报告的公告", "青川县教育局"),
            ("关于发布《青川县教育局2024年政府信息公开工作年度报告》的通知", "青川县教育局"),
            ("青川县教育局关于印发《2024年政府信息公开工作年度报告》的通知", "青川县教育局"),
            ("青川县教育局关于印发《青川县第一中学2024年政府信息公开工作年度报告》的通知", "青川县第一中学"),
            ("青川县人民政府办公室关于印发《青川县人民政府2024年政府信息公开工作年度报告》的通知", "青川县人民政府"),
            ("青川县人民政府办公室关于公布《青川县人民政府2024年政府信息公开工作年度报告》的公告", "青川县人民政府"),
            ("青川县人民政府办公室关于印发《2024年政府信息公开工作年度报告》的通知", None),
            ("青川县教育局关于印发《青川县2024年政府信息公开工作年度报告》的通知", None),
            ("关于印发《2024年政府信息公开工作年度报告》的通知", None),
        ],
    )  # fmt: skip
    def test_a_paper_that_hands_out_a_report_has_its_title_and_its_body(self, title: str, issuer: str | None) -> None:
        for printed in (f"#{title}", title):
            identity = identity_of(printed, "正文")
            assert (identity.title, identity.issuer, identity.report_year) == (title, issuer, 2024)

    @pytest.mark.parametrize(
        "title",
        [
            "关于做好2024年政府信息公开工作年度报告编制工作的通知",
            "关于做好《2024年政府信息公开工作年度报告》发布工作的通知",
            "关于发布2024年政府信息公开工作年度报告的通知",
            "关于做好公布2024年政府信息公开工作年度报告的通知",
            "关于编制印发2024年政府信息公开工作年度报告的通知",
            "关于印发《政府信息公开工作年度报告格式》的通知",
            "关于印发《2024年政府信息公开工作年度报告编制方案》的通知",
            "关于报送2024年政府信息公开工作年度报告的通知",
        ],
    )
    def test_a_paper_that_asks_for_reports_is_none(self, title: str) -> None:
        assert not is_report_title(title)


class TestStatements:
    @pytest.mark.parametrize(
        "opening",
        [
            f"本报告由青川县教育局根据{LAW}（国务院令第711号）编制。",
            "本年报由青川县教育局编制。",
            "本年度报告由青川县教育局（以下简称“我局”）按照有关要求编制。",
            f"青川县教育局根据{LAW}编制本报告。",
            f"青川县教育局依据{LAW}和国务院办公厅要求，编制并公布2024年政府信息公开工作年度报告。",
            f"根据{LAW}要求，青川县教育局编制并公布2024年政府信息公开工作年度报告。",
            f"按照{LAW}有关规定，青川县教育局编制了本报告。",
            "根据《关于汇总各部门年度报告的通知》要求，青川县教育局编制本年度报告。",
        ],
    )
    def test_an_opening_says_who_made_the_report(self, opening: str) -> None:
        identity = identity_of(BARE, opening, "一、总体情况", section=2)
        assert (identity.issuer, identity.issuer_evidence) == ("青川县教育局", "opening of the text")
        assert [anomaly.code for anomaly in identity.anomalies] == ["issuer_missing_in_title"]

    @pytest.mark.parametrize(
        "body", ["青川县经济和信息化局", "青川县统计局", "望江镇人民政府", "青川县机构编制委员会办公室"]
    )
    def test_bodies_of_many_kinds_say_it(self, body: str) -> None:
        assert identity_of(BARE, f"本报告由{body}根据{LAW}编制。", section=2).issuer == body

    def test_a_sentence_broken_over_lines_is_read(self) -> None:
        assert identity_of(BARE, "青川县教育局根据", LAW, "的要求编制", "本报告。").issuer == "青川县教育局"

    def test_the_first_section_may_say_it(self) -> None:
        identity = identity_of(BARE, "一、总体情况", "本报告由青川县教育局编制。", section=1)
        assert identity.issuer == "青川县教育局"

    @pytest.mark.parametrize(
        "opening",
        [
            "本报告由市政府办公室编制。",
            "本报告由青川县人民政府办公室根据《条例》编制。",
            "本报告由青川县政府办编制。",
            "根据《条例》要求，我区管委会办公室编制完成了本报告。",
            "本报告由青川县教育局办公室编制。",
            "本报告由望江镇党政办公室编制。",
            "本报告由办公室编制。",
            "本报告由青川县政务服务和大数据局编制。",
            "本报告由青川县政务公开领导小组办公室编制。",
            "本报告由青川县教育局和青川县体育局编制。",
            "本报告由青川县司法局编制，汇总了各乡镇、各部门的数据。",
            "本报告由青川县司法局编制。如有疑问，请与青川县人民政府办公室联系。",
            "本报告由总体情况、主动公开政府信息情况等六部分组成。",
            "本报告由我局根据《条例》编制。",
            "本报告根据《条例》编制。",
            "青川县教育局根据《条例》要求，指导各学校编制2024年政府信息公开工作年度报告。",
            "青川县教育局根据《条例》要求，由青川县第一中学编制2024年政府信息公开工作年度报告。",
            "青川县教育局根据《条例》编制了政府信息公开指南和目录。",
            "根据《条例》要求，各乡镇编制2024年政府信息公开工作年度报告。",
            "本报告由青川县教育局编制。本报告由青川县体育局编制。",
        ],
    )
    def test_who_may_have_compiled_for_another_is_not_the_issuer(self, opening: str) -> None:
        assert identity_of(BARE, opening, "一、总体情况", section=2).issuer is None

    def test_a_government_stays_the_issuer_whoever_compiled_its_report(self) -> None:
        for compiler in ("县政府办公室", "青川县司法局"):
            identity = identity_of(f"#青川县{REPORT}", f"本报告由{compiler}根据{LAW}编制。", section=2)
            assert identity.issuer == "青川县"
        signed = identity_of(BARE, "本报告由青川县司法局编制。", "无", "青川县人民政府", "2025年1月20日", section=2)
        assert (signed.issuer, signed.issuer_evidence) == ("青川县人民政府", "signature")

    def test_a_page_of_the_government_does_not_take_over_the_report_of_its_department(self) -> None:
        opening = f"本报告由青川县教育局根据{LAW}编制。"
        names = {"source": "青川县人民政府", "publisher": "青川县人民政府", "site_name": "青川县人民政府"}
        assert identity_of(BARE, opening, section=2, **names).issuer == "青川县教育局"

    def test_what_is_quoted_is_not_what_is_said(self) -> None:
        lines = ["青川县教育局根据《关于部署各单位编制年度报告的通知》编制本报告。"]
        assert body_in_statement([marked(line) for line in lines], "") == "青川县教育局"


class TestTrails:
    TRAIL = "首页 > 政务公开 > 青川县教育局 > 政府信息公开年报"

    def test_a_folder_alone_names_nobody(self) -> None:
        assert identity_of(self.TRAIL, BARE, "正文").issuer is None
        assert identity_of(BARE, "正文", source="青川县教育局").issuer is None

    def test_a_folder_and_the_source_agree(self) -> None:
        identity = identity_of(self.TRAIL, BARE, "正文", source="青川县教育局")
        assert (identity.issuer, identity.issuer_evidence) == ("青川县教育局", "breadcrumb and metadata")
        assert identity_of(self.TRAIL, BARE, "正文", source="青川县第一中学").issuer is None

    def test_a_folder_and_the_text_agree_whatever_the_publisher(self) -> None:
        text = "2024年，青川县教育局认真贯彻落实条例。"
        identity = identity_of(self.TRAIL, BARE, text, publisher="青川县人民政府")
        assert (identity.issuer, identity.issuer_evidence) == ("青川县教育局", "breadcrumb and text")
        assert identity_of(self.TRAIL, BARE, "在青川县教育局指导下开展工作。").issuer is None

    def test_a_text_that_speaks_as_a_school_is_not_the_bureaus_in_whose_folder_it_lies(self) -> None:
        text = "2024年，我校认真贯彻落实条例。"
        assert identity_of(self.TRAIL, BARE, text, source="青川县教育局").issuer is None

    @pytest.mark.parametrize(
        "trail",
        [
            "首页 > 青川县人民政府 > 年报",
            "首页 > 青川县人民政府办公室 > 年报",
            "首页 > 青川县大数据局 > 年报",
            "首页 > 望江镇人民政府 > 年报",
            "首页 > 青川县教育局 > 青川县第一中学 > 年报",
            "首页 > 乡镇 > 年报",
        ],
    )
    def test_sites_compilers_and_folders_in_folders_name_nobody(self, trail: str) -> None:
        assert body_in_trail([trail]) is None


def test_region_names_that_look_like_words_are_told_from_them() -> None:
    for name in ("含山县教育局", "原阳县教育局", "原州区教育局", "向阳区教育局", "会同县教育局", "经济开发区财政局"):
        assert is_body_told(name)


def test_a_list_of_titles_with_brackets_is_no_report() -> None:
    items = "".join(
        f"<li>{REPORT}（青川县{body}） 2025-01-1{day}</li>" for day, body in enumerate(("教育局", "公安局", "民政局"))
    )
    extraction = extract(f"<meta charset=utf-8><h1>2024年政府信息公开年报</h1><ul>{items}</ul>".encode())
    assert extraction.reason_code == "no_report"
