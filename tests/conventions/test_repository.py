"""What holds for the repository as a whole."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

from extract.forms.declaration import load_forms
from pipelines.cli import app
from transform.schema.derive import data_dictionary_markdown

ROOT = Path(__file__).resolve().parents[2]
LARGEST = 1_000_000


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    return [ROOT / line for line in listed.stdout.splitlines() if (ROOT / line).is_file()]


def test_no_large_file_is_tracked() -> None:
    assert [path.name for path in tracked() if path.stat().st_size > LARGEST] == []


def test_every_yaml_file_can_be_read() -> None:
    files = [path for path in tracked() if path.suffix in (".yml", ".yaml")]
    assert files
    for path in files:
        yaml.safe_load(path.read_text(encoding="utf-8"))


def test_the_lock_holds_no_address_of_an_index() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert not re.search(r"https?://|file://|--index|--find-links", lock)


def test_the_lock_pins_every_declared_dependency() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    pinned = set(
        re.findall(r"^([a-z0-9_.-]+)==", (ROOT / "requirements.lock").read_text(encoding="utf-8"), re.MULTILINE)
    )
    for requirement in declared:
        name = re.split(r"[><=\[; ]", requirement)[0].lower().replace(".", "-").replace("_", "-")
        assert name in {pin.replace(".", "-").replace("_", "-") for pin in pinned}, requirement


def test_every_anomaly_that_the_code_names_is_declared() -> None:
    declared = {code.code for code in load_forms().anomaly_codes}
    source = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "extract" / "forms").glob("*.py"))
    calls = r"""(?:Anomaly\(|\.note\(|\.leave\(line, |withheld\([^"]*|flags=\(|flags, )"([a-z_]+)\""""
    named = set(re.findall(calls, source))
    assert named
    assert named <= declared, named - declared


def test_the_data_dictionary_is_current() -> None:
    written = (ROOT / "docs" / "data_dictionary.md").read_text(encoding="utf-8")
    assert written == data_dictionary_markdown(), "run `make docs`"


def test_every_command_that_the_documentation_names_exists() -> None:
    pages = [ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").glob("*.md")]
    told = "\n".join(page.read_text(encoding="utf-8") for page in pages)
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in set(re.findall(r"(?:`|^)make ([a-z-]+)", told, re.MULTILINE)):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
    known = {command.name or command.callback.__name__ for command in app.registered_commands if command.callback}
    known |= {group.name for group in app.registered_groups if group.name}
    named = set(re.findall(r"`ogi ([a-z]+)", told))
    assert named
    assert named <= known, named - known
