"""HTML tables of nothing but rows and cells, read in one pass in C.

Belongs here: reading the text and the spans of every cell of one regular table. Does not belong here: what is a cell,
a line or left out; `html_tables.py` says so, and reads every other table itself, with the same outcome.

Nearly all tables are regular. On pages pasted from a word processor, with four elements and more a cell, to visit them
one by one from Python took two thirds of reading the page; a stylesheet visits them in a third of that time.
"""

import re
from collections.abc import Callable, Iterable
from typing import Any

from lxml import etree

__all__ = ["RawCell", "has_marks", "regular_table_reader"]

Element = Any
"""An lxml element. lxml is compiled; its stubs know less than this module needs."""

RawCell = tuple[str, str, str]
"""Text, one line for each block or <br>; row span and column span as the attributes say, empty where there is none."""

# Code points that are no characters and never will be; XML allows them, control characters it does not.
_ROW, _CELL, _SPAN, _LINE, _IRREGULAR = "\ufdd0", "\ufdd1", "\ufdd2", "\ufdd3", "\ufdd4"
_MARK = re.compile(b"\xef\xb7[\x90-\x9f]")  # found in a third of the time that `in` takes
_REFERENCE = re.compile(rb"&#(?:[xX]0*[fF][dD][dD]|0*649)")

_STYLESHEET = f"""
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:output method="text"/>

<xsl:template match="/table">
  <xsl:if test="count(tbody|thead|tfoot) &gt; 1 or (tr and (tbody|thead|tfoot))">{_IRREGULAR}</xsl:if>
  <xsl:apply-templates mode="row"/>
</xsl:template>

<xsl:template match="/table/tbody|/table/thead|/table/tfoot" mode="row"><xsl:apply-templates mode="row"/></xsl:template>
<xsl:template match="tr" mode="row">{_ROW}<xsl:apply-templates mode="cell"/></xsl:template>
<xsl:template match="col|colgroup" mode="row"/>
<xsl:template match="*" mode="row">{_IRREGULAR}</xsl:template>
<xsl:template match="text()" mode="row"><xsl:if test="normalize-space()">{_IRREGULAR}</xsl:if></xsl:template>

<xsl:template match="td|th" mode="cell">
  <xsl:value-of select="'{_CELL}'"/>
  <xsl:if test="@rowspan or @colspan">
    <xsl:value-of select="concat(@rowspan, '{_SPAN}', @colspan, '{_SPAN}')"/>
  </xsl:if>
  <xsl:apply-templates mode="text"/>
</xsl:template>
<xsl:template match="*" mode="cell">{_IRREGULAR}</xsl:template>
<xsl:template match="text()" mode="cell"><xsl:if test="normalize-space()">{_IRREGULAR}</xsl:if></xsl:template>

<xsl:template match="BLOCKS" mode="text">{_LINE}<xsl:apply-templates mode="text"/>{_LINE}</xsl:template>
<xsl:template match="br" mode="text">{_LINE}</xsl:template>
<xsl:template match="LEFT_OUT" mode="text"/>
<xsl:template match="IRREGULAR" mode="text">{_IRREGULAR}</xsl:template>
</xsl:stylesheet>
"""


def has_marks(source: bytes) -> bool:
    """Whether a page in UTF-8 holds the code points that this module sets between cells: then it must not be asked."""
    return _MARK.search(source) is not None or (b"&#" in source and _REFERENCE.search(source) is not None)


def regular_table_reader(
    *, blocks: Iterable[str], left_out: Iterable[str], irregular: Iterable[str], collapsed: Callable[[str], str]
) -> Callable[[Element], list[list[RawCell]] | None]:
    """A function that gives the rows of a regular table, and None for any other.

    `blocks` stand on lines of their own, `left_out` is not printed, a table with anything `irregular` in a cell is not
    regular; `collapsed` is a line as a browser shows it.
    """
    names = {"BLOCKS": blocks, "LEFT_OUT": left_out, "IRREGULAR": irregular}
    source = _STYLESHEET
    for placeholder, tags in names.items():
        source = source.replace(f'"{placeholder}"', '"' + "|".join(sorted(tags)) + '"')
    transform = etree.XSLT(etree.XML(source))

    def rows_of(table: Element) -> list[list[RawCell]] | None:
        try:
            flat = str(transform(table))
        except etree.XSLTApplyError:  # nested deeper than the stylesheet follows
            return None
        if _IRREGULAR in flat:
            return None
        return [[_cell(printed, collapsed) for printed in row.split(_CELL)[1:]] for row in flat.split(_ROW)[1:]]

    return rows_of


_EDGES = _LINE + " \t\r\n\f\v"


def _cell(printed: str, collapsed: Callable[[str], str]) -> RawCell:
    row_span = column_span = ""
    if _SPAN in printed:
        row_span, column_span, printed = printed.split(_SPAN)
    text = printed.strip(_EDGES)
    if _LINE in text:
        lines = map(collapsed, text.split(_LINE))
        return "\n".join([line for line in lines if line]), row_span, column_span
    return collapsed(text), row_span, column_span
