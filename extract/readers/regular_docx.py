"""DOCX tables of nothing but rows, cells and plain runs, read in one pass in C.

Belongs here: reading the text and the merges of every cell of one regular table. Does not belong here: any other table
(nested ones, tracked changes, links, symbols), which `docx.py` reads itself, with the same outcome, and what merges do.

Nearly all tables are regular. To visit their cells one by one from Python, with ten elements a cell, took half of
reading the file; a stylesheet visits them in a third of that time.
"""

import re
from typing import Any

from lxml import etree

__all__ = ["NAMESPACE", "RawCell", "rows_of_regular_table"]

Element = Any
"""An lxml element. lxml is compiled; its stubs know less than this module needs."""

RawCell = tuple[str, str | None, str]
"""gridSpan as the attribute says (empty without one), vMerge (None, "restart" or "continue"), and the text."""

NAMESPACE = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"

# Code points that are no characters and never will be; XML allows them, control characters it does not.
_ROW, _CELL, _END, _SPAN, _MERGE, _PARAGRAPH = "\ufdd0", "\ufdd1", "\ufdd2", "\ufdd3", "\ufdd4", "\ufdd5"

_IRREGULAR = '<xsl:message terminate="yes"/>'
# What holds no element is a mark of the editor (a bookmark, a spelling error): not printed.
_UNKNOWN = f'<xsl:if test="*">{_IRREGULAR}</xsl:if>'
# Templates are applied to all children, text nodes too: to select the elements takes longer than to visit both.
_STYLESHEET = f"""
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:w="{NAMESPACE}">
<xsl:output method="text"/>

<xsl:template match="/w:tbl"><xsl:apply-templates mode="row"/></xsl:template>
<xsl:template match="w:tblPr|w:tblGrid" mode="row"/>
<xsl:template match="w:tr" mode="row">{_ROW}<xsl:apply-templates mode="cell"/></xsl:template>
<xsl:template match="*" mode="row">{_UNKNOWN}</xsl:template>
<xsl:template match="text()" mode="row"/>

<xsl:template match="w:tblPrEx" mode="cell"/>
<xsl:template match="w:trPr" mode="cell"><xsl:if test="w:del|w:gridBefore">{_IRREGULAR}</xsl:if></xsl:template>
<xsl:template match="w:tc" mode="cell">{_CELL}<xsl:apply-templates mode="text"/></xsl:template>
<xsl:template match="*" mode="cell">{_UNKNOWN}</xsl:template>
<xsl:template match="text()" mode="cell"/>

<xsl:template match="w:tcPr" mode="text"><xsl:apply-templates mode="merge"/>{_END}</xsl:template>
<xsl:template match="w:p" mode="text"><xsl:apply-templates mode="run"/>{_PARAGRAPH}</xsl:template>
<xsl:template match="w:tbl" mode="text">{_IRREGULAR}</xsl:template>
<xsl:template match="*" mode="text">{_UNKNOWN}</xsl:template>
<xsl:template match="text()" mode="text"/>

<xsl:template match="w:gridSpan" mode="merge">{_SPAN}<xsl:value-of select="@w:val"/></xsl:template>
<xsl:template match="w:vMerge" mode="merge">{_MERGE}<xsl:value-of select="@w:val"/></xsl:template>
<xsl:template match="w:hMerge" mode="merge">{_IRREGULAR}</xsl:template>
<xsl:template match="*|text()" mode="merge"/>

<xsl:template match="w:pPr" mode="run"/>
<xsl:template match="w:r" mode="run"><xsl:apply-templates mode="part"/></xsl:template>
<xsl:template match="*" mode="run">{_UNKNOWN}</xsl:template>
<xsl:template match="text()" mode="run"/>

<xsl:template match="w:rPr|w:lastRenderedPageBreak" mode="part"/>
<xsl:template match="w:t" mode="part"><xsl:apply-templates mode="words"/></xsl:template>
<xsl:template match="w:tab|w:ptab" mode="part"><xsl:text>&#9;</xsl:text></xsl:template>
<xsl:template match="w:br|w:cr" mode="part"><xsl:text>&#10;</xsl:text></xsl:template>
<xsl:template match="w:noBreakHyphen" mode="part"><xsl:text>\u2011</xsl:text></xsl:template>
<xsl:template match="*" mode="part">{_IRREGULAR}</xsl:template>
<xsl:template match="text()" mode="part"/>

<xsl:template match="*" mode="words">{_IRREGULAR}</xsl:template>
</xsl:stylesheet>
"""
_transform = etree.XSLT(etree.XML(_STYLESHEET))


def rows_of_regular_table(table: Element) -> list[list[RawCell]] | None:
    """The rows of a regular table, and None for any other. Not for text with the marks that this module sets."""
    try:
        flat = str(_transform(table))
    except etree.XSLTApplyError:  # not regular, or nested deeper than the stylesheet follows
        return None
    try:
        return [[_cell(printed) for printed in row.split(_CELL)[1:]] for row in flat.split(_ROW)[1:]]
    except _MisplacedProperties:
        return None


class _MisplacedProperties(Exception):
    """The properties of a cell do not stand first in it, or stand there twice."""


def _cell(printed: str) -> RawCell:
    properties, mark, text = printed.partition(_END)
    if not mark:
        properties, text = "", printed
    elif _PARAGRAPH in properties or _END in text:
        raise _MisplacedProperties
    lines = text.removesuffix(_PARAGRAPH)
    if _PARAGRAPH in lines:
        lines = "\n".join([line for line in lines.split(_PARAGRAPH) if line])
    return (*(_merges(properties) if properties else ("", None)), lines)


def _merges(properties: str) -> tuple[str, str | None]:
    """The span and the merge of a cell; of two alike the last counts."""
    span, merge = "", None
    for mark, value in _PROPERTY.findall(properties):
        if mark == _SPAN:
            span = value
        else:
            merge = value or "continue"
    return span, merge


_PROPERTY = re.compile(f"([{_SPAN}{_MERGE}])([^{_SPAN}{_MERGE}]*)")
