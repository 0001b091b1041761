"""The prose of a sample report: short sentences of our own that agree with the printed figures."""

from collections.abc import Iterator
from dataclasses import dataclass

from pipelines.sample.facts import Facts

__all__ = ["WrittenSection", "opening", "write_sections"]


@dataclass(frozen=True, slots=True)
class WrittenSection:
    """A section: its code, the heading as printed and its paragraphs."""

    code: str
    heading: str
    paragraphs: tuple[str, ...]


_ORDINALS = "一二三四五六七八九十"
_INSTRUMENTS = {
    "E2014": "《中华人民共和国政府信息公开条例》",
    "E2019": "《中华人民共和国政府信息公开条例》和政府信息公开工作年度报告格式（国办公开办函〔2019〕60号）",
    "E2021": "《中华人民共和国政府信息公开条例》和政府信息公开工作年度报告格式（国办公开办函〔2021〕30号）",
}


def opening(facts: Facts) -> str:
    """The paragraph before section one: basis, body and period."""
    year = facts.report_year
    basis = _INSTRUMENTS.get(facts.edition, _INSTRUMENTS["E2014"])
    return (
        f"按照{basis}的要求，现公布{facts.issuer}{year}年度政府信息公开工作年度报告。"
        f"本报告所列数据的统计期限自{year}年1月1日起至{year}年12月31日止。"
    )


def write_sections(facts: Facts) -> tuple[WrittenSection, ...]:
    """The sections of the report's edition in order; a section that holds a table may have no prose."""
    prose = {
        "s1": _overview,
        "s5": _problems,
        "s6": _other_matters,
        "overview": _overview,
        "proactive": _disclosed,
        "requests": _applications_e2014,
        "problems": _problems,
    }
    written: list[WrittenSection] = []
    with_tables = {table.section or "annex" for table in facts.form.tables}
    for section in facts.form.sections:
        paragraphs = tuple(prose[section.code](facts)) if section.code in prose else ()
        if not paragraphs and section.code not in with_tables:
            continue
        number = section.number or f"{_ORDINALS[len(written)]}、"
        heading = facts.layout.headings.get(section.code, number + section.title)
        written.append(WrittenSection(section.code, heading, paragraphs))
    return tuple(written)


def _overview(facts: Facts) -> Iterator[str]:
    year, who = facts.report_year, facts.self_name
    yield f"{year}年，{who}坚持以公开为常态、不公开为例外，按时限做好政府信息公开各项工作。"
    if facts.edition == "E2014":
        return
    yield "（一）主动公开方面。" + "".join(_disclosed(facts))
    yield "（二）依申请公开方面。" + _applications(facts)
    yield "（三）政府信息管理方面。落实专人负责，信息发布前先审核、再公开。"
    yield f"（四）平台建设方面。{facts.narrative.website or '门户网站'}设有政府信息公开专栏，全年运行正常。"
    training = facts.narrative.trainings
    held = f"全年组织业务培训{training}次。" if training else "结合日常工作开展业务学习。"
    yield "（五）监督保障方面。" + held + _reviews(facts)


def _disclosed(facts: Facts) -> Iterator[str]:
    items = facts.narrative.disclosed_items
    yield f"全年主动公开政府信息{items}条。" if items is not None else "应公开的信息均在规定时间内公开。"


def _applications(facts: Facts) -> str:
    flows = ("new_received", "carried_over", "total_processed", "carried_forward")
    new, over, done, left = (facts.number(f"t3.{row}.total") for row in flows)
    if new is None or over is None or done is None or left is None or new + over != done + left:
        return "依申请公开工作按规定办理，具体数据见第三部分表格。"
    if new == over == 0:
        return f"{facts.report_year}年，{facts.self_name}未收到政府信息公开申请。"
    text = f"{facts.report_year}年，{facts.self_name}新收政府信息公开申请{new}件"
    text += f"，上年结转{over}件" if over else ""
    text += f"，办结{done}件"
    return text + (f"，结转下年度继续办理{left}件。" if left else "，无结转下年度的申请。")


def _reviews(facts: Facts) -> str:
    totals = [
        facts.number(f"t4.{row}.total")
        for row in ("reconsideration", "litigation_direct", "litigation_after_reconsideration")
    ]
    known = [total for total in totals if total is not None]
    if len(known) < len(totals):
        return ""
    reconsideration, direct, after = known
    if not any(known):
        return "全年未发生因政府信息公开引起的行政复议和行政诉讼。"
    return f"全年因政府信息公开引起行政复议{reconsideration}件、行政诉讼{direct + after}件。"


def _applications_e2014(facts: Facts) -> Iterator[str]:
    received, replied = facts.number("st.received.value"), facts.number("st.replied.value")
    if received is not None and replied is not None:
        yield f"{facts.report_year}年共收到政府信息公开申请{received}件，答复{replied}件。"


def _problems(facts: Facts) -> Iterator[str]:
    yield "存在的问题：公开内容还不够细，解读方式还不够多，工作人员业务还不够熟。"
    yield f"改进情况：{facts.report_year + 1}年，{facts.self_name}将细化公开目录，多用图表解读，加强业务学习。"


def _other_matters(facts: Facts) -> Iterator[str]:
    fee = facts.narrative.fee_received_yuan
    if fee:
        yield f"{facts.report_year}年收取政府信息公开信息处理费{fee}元。"
    elif facts.edition == "E2021":
        yield f"{facts.report_year}年未收取政府信息公开信息处理费。无其他需要报告的事项。"
    else:
        yield "无其他需要报告的事项。"
