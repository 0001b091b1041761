"""Imports point one way: pipelines -> transform -> extract, and crawlers and extract import nothing of ours."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MAY_IMPORT = {
    "extract": {"extract"},
    "crawlers": {"crawlers"},
    "transform": {"transform", "extract"},
    "pipelines": {"pipelines", "transform", "extract", "crawlers"},
}
HEAVY = {"dagster", "scrapy", "pandas"}
"""Slow to import: never at the head of a module of the command line."""


def imported(path: Path) -> Iterator[str]:
    """Top-level packages that a module imports, wherever in the module."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module.split(".")[0]


@pytest.mark.parametrize("package", sorted(MAY_IMPORT))
def test_a_package_imports_only_what_lies_below_it(package: str) -> None:
    modules = sorted((ROOT / package).rglob("*.py"))
    assert modules
    for path in modules:
        ours = set(imported(path)) & set(MAY_IMPORT)
        assert ours <= MAY_IMPORT[package], path.relative_to(ROOT)


def test_readers_know_nothing_of_the_forms_and_the_forms_nothing_of_formats() -> None:
    for path in (ROOT / "extract" / "readers").rglob("*.py"):
        assert "extract.forms" not in path.read_text(encoding="utf-8"), path.name
    for path in (ROOT / "extract" / "forms").rglob("*.py"):
        assert "extract.readers" not in path.read_text(encoding="utf-8"), path.name


def test_extraction_and_transformation_touch_no_network_and_no_clock() -> None:
    forbidden = {"socket", "urllib", "requests", "http", "time", "random"}
    for package in ("extract", "transform"):
        for path in (ROOT / package).rglob("*.py"):
            assert not set(imported(path)) & forbidden, path.relative_to(ROOT)


def test_the_command_line_starts_without_the_heavy_libraries() -> None:
    for path in (ROOT / "pipelines" / "cli").rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        at_head: set[str] = set()
        for node in tree.body:
            if isinstance(node, ast.Import):
                at_head |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                at_head.add(node.module.split(".")[0])
        assert not at_head & HEAVY, path.name
