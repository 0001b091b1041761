"""The shapes in which dumps flatten tables into lines."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from reader_samples import corpus_file, needs_corpus, printed, rows_of, shape, texts

from extract.model import Document
from extract.readers.text import read_text


def read(text: str) -> Document:
    return read_text(text.encode())


def test_tab_cells_on_lines_of_their_own_make_a_grid() -> None:
    document = read("前文\n\t项目\n\t甲\n\t乙\n\n\t规章\n\t1\n\t\n\n后文\n")
    assert shape(document) == "PGP"
    assert rows_of(document.grids[0]) == [["项目", "甲", "乙"], ["规章", "1", ""]]
    assert not document.grids[0].is_aligned


def test_a_line_without_tab_continues_the_cell_before_it() -> None:
    document = read("\t本年新\n制作数量\n\t总量\n\n\t\n\xa00\n\t\xa07\n\xa0\n")
    assert rows_of(document.grids[0]) == [["本年新\n制作数量", "总量"], ["\n\xa00", "\xa07\n\xa0"]]


def test_two_empty_lines_do_not_end_the_grid() -> None:
    document = read("\t甲\n\t1\n\n\n\t乙\n\t2\n\n\n结尾段落\n")
    assert rows_of(document.grids[0]) == [["甲", "1"], ["乙", "2"]]
    assert texts(document) == ["结尾段落"]


def test_a_numbered_heading_right_after_a_filled_cell_is_no_continuation() -> None:
    document = read("\t甲\n\t1\n四、下一章\n\t乙\n\t2\n")
    assert shape(document) == "GPG"
    assert rows_of(document.grids[0]) == [["甲", "1"]]


def test_prose_after_a_cell_is_no_continuation() -> None:
    document = read("\t甲\n\t1\n" + "这是一段很长的说明文字，" * 5 + "\n")
    assert shape(document) == "GP"


def test_tab_indented_prose_stays_paragraphs() -> None:
    prose = "\t本单位认真贯彻落实有关要求，全年主动公开信息若干条，回应群众关切若干次，工作取得成效。"
    assert shape(read(f"{prose}\n{prose}\n\n{prose}\n")) == "PPP"


def test_prose_rows_do_not_hide_the_table_after_them() -> None:
    prose = "\t本单位认真贯彻落实有关要求，全年主动公开信息若干条，回应群众关切若干次，工作取得成效。"
    assert shape(read(f"{prose}\n\n\t甲\n\t1\n\n\t乙\n\t2\n")) == "PG"


def test_tab_separated_lines_keep_empty_fields() -> None:
    document = read("甲\t\t3\t\n\t乙\t4\t5\n")
    assert rows_of(document.grids[0]) == [["甲", "", "3", ""], ["", "乙", "4", "5"]]


def test_an_empty_line_inside_tab_separated_rows_keeps_one_grid() -> None:
    assert shape(read("甲\t1\t2\n\n乙\t3\t4\n\n五、标题\n\n丙\t1\t2\n")) == "GPG"


def test_an_item_mark_set_off_by_a_tab_is_no_table() -> None:
    assert shape(read("1.\t加强组织领导\n")) == "P"


def test_pipe_rows_make_a_grid_without_separator_lines() -> None:
    document = read("前文\n| 项目 | 甲 | 乙 |\n|---|:---:|---|\n| 规章 | 1 |  |\n| a \\| b | - | -- |\n后文\n")
    assert shape(document) == "PGP"
    assert rows_of(document.grids[0]) == [["项目", "甲", "乙"], ["规章", "1", ""], ["a \\| b", "-", "--"]]


def test_pipe_rows_without_a_leading_pipe() -> None:
    assert rows_of(read("a | b | c |\n1 | 2 | 3 |\n").grids[0]) == [["a", "b", "c"], ["1", "2", "3"]]


def test_lines_with_bars_between_texts_keep_every_empty_field() -> None:
    document = read("前文\n项目 | 甲 | 乙 | 丙\n规章 | 1 |  | 3\n许可 | 1 | 2 | \n | 4 |  | \n后文\n")
    assert shape(document) == "PGP"
    expected = [["项目", "甲", "乙", "丙"], ["规章", "1", "", "3"], ["许可", "1", "2", ""], ["", "4", "", ""]]
    assert rows_of(document.grids[0]) == expected
    assert not document.grids[0].is_aligned


def test_tight_bars_keep_seven_values_behind_a_label() -> None:
    text = "结果|个人|企业|科研|公益|法律|其他|总计\n予以公开|1||||||1\n|||||||\n不予处理|||||||\n"
    rows = rows_of(read(text).grids[0])
    assert [len(row) for row in rows] == [8, 8, 8, 8]
    assert rows[1] == ["予以公开", "1", "", "", "", "", "", "1"]


def test_rows_with_bars_on_stanzas_of_their_own_are_one_grid() -> None:
    document = read("项目 | 甲 | 乙\n\n规章 | 1 | \n\n | 2 | \n")
    assert rows_of(document.grids[0]) == [["项目", "甲", "乙"], ["规章", "1", ""], ["", "2", ""]]


def test_a_line_with_one_bar_among_lines_with_more_is_a_row() -> None:
    document = read("项目 | 甲 | 乙\n规章 | 1 | 2\n许可 | 8\n\n电话 | 传真\n")
    assert rows_of(document.grids[0]) == [["项目", "甲", "乙"], ["规章", "1", "2"], ["许可", "8"]]
    assert texts(document) == ["电话 | 传真"]


def test_a_framed_table_beside_lines_with_bars_keeps_its_frame() -> None:
    document = read("首页 | 政务 | 公开\n概况 | 机构 | 3\n\n| a | b |\n| 1 |  |\n\n首页 | 政务 | 公开\n")
    assert shape(document) == "GGP"
    assert rows_of(document.grids[1]) == [["a", "b"], ["1", ""]]


def test_the_separator_line_tells_whether_bars_frame_the_table() -> None:
    assert rows_of(read("a | b | c\n---|---|---\n1 | 2 | \n").grids[0]) == [["a", "b", "c"], ["1", "2", ""]]
    assert rows_of(read("| a | b | c |\n|---|---|---|\n| 1 | 2 | 3\n").grids[0]) == [["a", "b", "c"], ["1", "2", "3"]]


@pytest.mark.parametrize("line", ["首页 | 政务公开 | 年报", "来源：某局 | 作者：甲 | 日期：某日", "甲 | 乙"])
def test_one_line_with_bars_and_no_number_is_no_table(line: str) -> None:
    assert texts(read(f"上文\n{line}\n下文\n")) == ["上文", line, "下文"]


def test_markdown_heading_is_a_heading() -> None:
    assert [paragraph.is_heading for paragraph in read("## 二\n正文\n").paragraphs] == [True, False]


def test_layout_lines_become_rows_by_runs_of_blanks() -> None:
    document = read("项目          甲数     乙数\n\n规章            1          0\n")
    assert rows_of(document.grids[0]) == [["项目", "甲数", "乙数"], ["规章", "1", "0"]]
    assert not document.grids[0].is_aligned


def test_a_line_between_layout_rows_stays_a_paragraph_in_its_place() -> None:
    document = read("甲      1     2\n     （标签的第一行\n        3     4\n     标签的末行）\n乙      5     6\n")
    assert shape(document) == "GPGPG"


@pytest.mark.parametrize(
    "line",
    [
        "      （一）主动公开情况。全年主动公开信息若干条。",
        "全年工作平稳推进。  下一步将继续加强管理，完善各项制度，提高公开水平。",
        "        某某单位       二〇二一年一月二十九日",
        "       2021年   1月   29日",
        "本报告由办公室编制，  如有疑问请联系",
    ],
)
def test_prose_with_blanks_is_no_table(line: str) -> None:
    assert shape(read(f"上一段正文在这里。\n{line}\n下一段正文在这里。\n")) == "PPP"


def test_one_cell_per_paragraph_stays_paragraphs() -> None:
    assert shape(read("规章\n\n0\n\n1\n\n")) == "PPP"


def test_places_name_the_line_of_the_file() -> None:
    document = read("一\n\n\t甲\n\t1\n\n二\n")
    assert [str(block.place) for block in document.blocks] == ["line 1", "table 1 line 3", "line 6"]
    assert str(document.grids[0].cells[1].place) == "table 1 row 1 column 2 line 4"


def test_form_feeds_count_pages() -> None:
    document = read("一\n\f二\n三\n")
    assert [paragraph.place.page for paragraph in document.paragraphs] == [1, 2, 2]


def test_windows_and_old_mac_line_ends_count_once() -> None:
    assert [paragraph.place.line for paragraph in read("一\r\n二\r三\n").paragraphs] == [1, 2, 3]


def test_labelled_opening_lines_become_metadata() -> None:
    document = read(
        "标题: 某县年度报告\n发布时间: 2015-01-02 00:00\n文号: \n发布机构: \n原文链接: https://x.test/a.htm\n"
    )
    assert document.metadata["article_title"] == "某县年度报告"
    assert document.metadata["publish_date"] == "2015-01-02 00:00"
    assert document.metadata["url"] == "https://x.test/a.htm"
    assert "source" not in document.metadata


LINES = st.lists(
    st.text(alphabet="\t\t 　\xa0年报一、0123。，：甲乙", max_size=30)
    | st.sampled_from(["", "\t0", "\t", "甲   1   2", "甲\t1"])
)


@given(LINES.map("\n".join))
@example("\t甲\n\t1\n二、\n")
def test_no_printed_character_is_lost_or_moved(text: str) -> None:
    assert printed(read(text)) == "".join(text.split())


@given(st.text(max_size=300))
def test_any_text_keeps_its_characters_but_pipes_and_separators(text: str) -> None:
    document = read_text(b"\xef\xbb\xbf" + text.encode())
    kept = "\n".join(line for line in re.split(r"\r\n|\r|\n", text) if "|" not in line and "+" not in line)
    for character in set("".join(kept.split())) - {",", '"'}:
        assert character in printed(document)


@needs_corpus
@pytest.mark.parametrize(
    ("name", "grid_rows"),
    [
        ("000_b184471cafab89da", [19, 26, 4]),
        ("001_f431f1dff2d226db", [18, 26, 5]),
        ("002_2e2d9f4e0f781cc7", []),
        ("003_c95910d04a7fd181", [18, 26, 4]),
        ("004_7ce4d319cd6eea24", [18, 26, 4]),
    ],
)
def test_seed_tables_have_the_rows_of_their_forms(name: str, grid_rows: list[int]) -> None:
    document = read_text(corpus_file("seeds", f"{name}.txt"))
    assert [grid.row_count for grid in document.grids] == grid_rows


@needs_corpus
@pytest.mark.parametrize(
    "parts", [("extra", "huaian_2024.txt"), ("real", "pingtan-2014.txt"), ("seeds", "001_f431f1dff2d226db.txt")]
)
def test_real_dumps_lose_no_character(parts: tuple[str, ...]) -> None:
    data = corpus_file(*parts)
    assert printed(read_text(data)) == "".join(data.decode().split())


def test_lines_of_a_label_and_its_figure_with_a_bar_between_make_a_grid() -> None:
    (table,) = read("信息内容 | 处理决定数量\n行政许可 | 192\n行政强制 | 3\n").grids
    assert rows_of(table) == [["信息内容", "处理决定数量"], ["行政许可", "192"], ["行政强制", "3"]]


def test_one_long_label_among_labels_and_figures_with_a_bar_between() -> None:
    long = "专职人员数（不包括政府公报及政府网站工作人员数）、兼职人员数（不包括各街道、各单位的联络人员）（单位：人）"
    (table,) = read(f"统计指标 | 统计数\n{long} | 1\n兼职人员数 | 4\n培训班数 | 2\n").grids
    assert rows_of(table)[1] == [long, "1"]
    assert not read(f"{long} | 说明\n兼职人员数 | 4\n培训情况 | 已经开展\n").grids


def test_rules_between_rows_are_no_rows_and_a_cell_may_run_over_lines() -> None:
    (table,) = read(
        "+--------+------+\n| 指标   | 件数 |\n+========+======+\n| 行政   | 502  |\n| 许可   |      |\n"
        "+--------+------+\n| 行政处 | 7    |\n|        +------+\n| 罚     | 8    |\n+--------+------+\n"
    ).grids
    assert rows_of(table) == [
        ["指标", "件数"],
        ["行政\n许可", "502"],
        ["行政处", "7"],
        ["罚", "8"],
    ]


def test_a_line_with_one_bar_is_a_row_of_a_table_without_a_frame() -> None:
    (table,) = read("信息内容| 制发| 废止\n---|---|---\n规章| 1| 2\n信息内容| 数量\n行政许可| 3\n").grids
    assert rows_of(table)[2:] == [["信息内容", "数量"], ["行政许可", "3"]]


def test_rows_of_a_csv_file() -> None:
    document = read('二、主动公开情况,,\n信息内容,本年制发件数,"现行\n有效件数"\n规章,"1,234",\n,,\n')
    assert texts(document) == ["二、主动公开情况"]
    (table,) = document.grids
    assert rows_of(table) == [["信息内容", "本年制发件数", "现行\n有效件数"], ["规章", "1,234", ""]]


@pytest.mark.parametrize(
    "text",
    [
        "行政许可 1,234\n行政处罚 2,345\n",
        "1,234\n5,678\n",
        "行政许可    1,234    5,678\n行政处罚    2,345    6,789\n",
        "2020年,我街道收到申请1,234件。\n2021年,我街道收到申请2,345件。\n",
    ],
)
def test_commas_inside_numbers_and_sentences_make_no_csv_file(text: str) -> None:
    document = read(text)
    assert printed(document) == "".join(text.split())


def test_cells_with_blocks_in_them_as_a_browser_copies_them() -> None:
    document = read(
        "二、主动公开情况\n第二十条\n\n\n信息内容\n\t\n本年新\n制作\n\t\n废止\n\n\n规章\n\t\t\n16\n"
        "三、收到申请的情况\n申请人\n\t\n自然人\n\n\n一、本年新收\n\t\n7\n\n四、其他\n"
    )
    assert [rows_of(table) for table in document.grids] == [
        [["信息内容", "本年新\n制作", "废止"], ["规章", "", "16"]],
        [["申请人", "自然人"], ["一、本年新收", "7"]],
    ]
    assert texts(document) == ["二、主动公开情况", "第二十条", "三、收到申请的情况", "四、其他"]
