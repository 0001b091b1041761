"""Documents made to do harm: each costs itself at most, says why, and reaches neither a file nor the network."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from benchmarks.attacks import ATTACKS, Place, write_attack
from benchmarks.hostile import Trial, score, write_attacks
from pipelines.limits import Limits
from pipelines.one_document import safe_extract

ROOT = Path(__file__).resolve().parents[2]
SCALE = 0.05
LIMITS = Limits(seconds=40, memory_bytes=900 << 20)
SECRET = "机密数字 98765432"

REFUSED: Mapping[str, frozenset[str]] = {
    "docx_bomb": frozenset({"broken_docx"}),
    "docx_laughs": frozenset({"broken_docx"}),
    "docx_quadratic": frozenset({"broken_docx"}),
    "docx_external": frozenset({"broken_docx"}),
    "xlsx_bomb": frozenset({"broken_workbook"}),
    "xlsx_laughs": frozenset({"broken_workbook"}),
    "xlsx_external": frozenset({"broken_workbook"}),
    "spreadsheet_xml_laughs": frozenset({"broken_office_xml"}),
    "spreadsheet_xml_external": frozenset({"broken_office_xml"}),
    "ofd_bomb": frozenset({"broken_ofd"}),
    "ofd_laughs": frozenset({"broken_ofd"}),
    "ofd_external": frozenset({"broken_ofd"}),
    "zip_bomb": frozenset({"archive_too_large"}),
    "zip_many_members": frozenset({"archive_too_large"}),
    "gzip_bomb": frozenset({"archive_too_large"}),
    "html_many_attributes": frozenset({"broken_html", "no_report"}),
    "rtf_deep": frozenset({"broken_rtf"}),
    "rtf_wide": frozenset({"broken_rtf"}),
    "pdf_encrypted": frozenset({"encrypted_file"}),
    "pdf_page_tree_loop": frozenset({"too_many_pages", "broken_pdf"}),
    "pdf_truncated_early": frozenset({"broken_pdf"}),
    "png_huge": frozenset({"image_too_large", "broken_image"}),
    "jpeg_huge": frozenset({"image_too_large", "broken_image"}),
    "tiff_huge": frozenset({"image_too_large", "broken_image"}),
    "bmp_huge": frozenset({"image_too_large", "broken_image"}),
}
"""Attacks that must be refused by their reader, under one of these codes."""


@pytest.fixture(scope="session")
def trials(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Trial]:
    """What came of every attack, all read in worker processes under limits."""
    folder = tmp_path_factory.mktemp("attacks")
    write_attacks(folder, ATTACKS, Place(scale=SCALE))
    return dict(score(ATTACKS, folder, workers=2, limits=LIMITS))


@pytest.mark.parametrize("name", sorted(ATTACKS))
def test_an_attack_costs_itself_at_most_and_says_why(name: str, trials: Mapping[str, Trial]) -> None:
    trial = trials[name]
    assert trial.code not in ("worker_crashed", "extractor_failed"), trial.reason
    assert trial.status in ("not_a_report", "quarantined") or trial.code in ("too_slow", "too_much_memory"), trial
    assert trial.code
    assert trial.megabytes < LIMITS.memory_bytes >> 20
    if name in REFUSED:
        assert trial.code in REFUSED[name]


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A file with a figure in it that no document may show; its last access lies far back."""
    path = tmp_path / "secret.txt"
    path.write_text(SECRET, encoding="utf-8")
    os.utime(path, (1_000_000_000, 1_500_000_000))
    return path


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A port of this machine that documents are told to call."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.1)
        yield server


WATCHED = """
import sys
from pathlib import Path
from benchmarks.attacks import ATTACKS, Place, write_attack
from pipelines.one_document import safe_extract, safe_extract_with_document
place = Place(sys.argv[1], sys.argv[2])
inputs = {name: write_attack(name, place) for name in sys.argv[3:]}
for data in inputs.values():  # whatever is imported or loaded on first use is loaded now
    safe_extract(data.replace(place.file.encode(), b"/nowhere"))
seen = []
def watch(event, arguments):
    if event in ("open", "socket.connect", "socket.getaddrinfo", "subprocess.Popen", "os.system", "urllib.Request"):
        seen.append(f"{event} {arguments[0]}")
sys.addaudithook(watch)
for name, data in inputs.items():
    assert "98765432" not in str(safe_extract_with_document(data)), name
print("\\n".join(seen))
"""


def test_no_document_reaches_a_file_or_the_network(secret: Path, listener: socket.socket) -> None:
    names = [name for name in ATTACKS if name.endswith(("_external", "_references", "_linked"))]
    assert len(names) >= 8
    address = f"http://127.0.0.1:{listener.getsockname()[1]}/"
    done = subprocess.run(
        [sys.executable, "-c", WATCHED, str(secret), address, *names],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == ""
    # Libraries written in C open files and sockets behind the back of the interpreter.
    with pytest.raises(TimeoutError):
        listener.accept()
    assert secret.stat().st_atime == 1_000_000_000


def test_an_archive_in_an_archive_is_only_named_not_opened() -> None:
    found = safe_extract(write_attack("zip_nested", Place()))
    assert (found.reason_code, found.reason) == ("archive", "An archive of 1 file: each is a document of its own.")
