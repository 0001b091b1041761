"""A small warehouse, built once; tests that change it work on a copy."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from pipeline_helpers import NO_REPORT, SLUGS, Answer, Ogi, Start, python

from pipelines.adding import add_documents
from pipelines.build import build, publish_archive
from pipelines.cli import run
from pipelines.layout import DataLayout
from pipelines.local_files import find_files
from pipelines.sample.draw_html import PageContext, draw_html
from pipelines.sample.facts import load_facts


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of the machine reaches a test."""
    for name in ("OGI_DATA", "OGI_PORTALS", "OGI_DEBUG", "DAGSTER_HOME"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of documents: four reports, a page that is none, random bytes, an empty file, and a note beside them."""
    folder = tmp_path_factory.mktemp("documents")
    facts = load_facts()
    for slug in SLUGS:
        page = PageContext(site_name=facts[slug].issuer, breadcrumb=("首页", facts[slug].issuer, "政府信息公开年报"))
        (folder / f"{slug}.html").write_bytes(draw_html(facts[slug], page=page))
    (folder / "notice.html").write_text(NO_REPORT, encoding="utf-8")
    (folder / "noise.docx").write_bytes(bytes(range(256)) * 8)
    (folder / "empty.html").write_bytes(b"")
    (folder / "notes.json").write_text("{}", encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def built(documents: Path, tmp_path_factory: pytest.TempPathFactory) -> DataLayout:
    """A data folder with every table built. Read only."""
    layout = DataLayout(tmp_path_factory.mktemp("built"))
    add_documents(layout, find_files([documents]).documents)
    publish_archive(layout)
    build(layout, workers=1)
    return layout


@pytest.fixture
def copied(built: DataLayout, tmp_path: Path) -> DataLayout:
    """A copy of the built folder, to be changed."""
    shutil.copytree(built.root, tmp_path / "data")
    return DataLayout(tmp_path / "data")


@pytest.fixture
def ogi(capfd: pytest.CaptureFixture[str]) -> Ogi:
    """Run one command line in this process."""

    def call(*arguments: object) -> Answer:
        capfd.readouterr()
        code = run([str(argument) for argument in arguments])
        out, err = capfd.readouterr()
        return Answer(code, out, err)

    return call


@pytest.fixture
def process() -> Iterator[Start]:
    """Processes that are ended with the test."""
    started: list[subprocess.Popen[str]] = []

    def start(code: str, *arguments: object, **environment: str) -> subprocess.Popen[str]:
        started.append(python(code, *arguments, **environment))
        return started[-1]

    yield start
    for one in started:
        one.kill()
        one.communicate()
