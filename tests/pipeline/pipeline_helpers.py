"""What several tests of this folder share."""

import io
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SLUGS = (
    "tianjin-ninghe-zaojiacheng-2020",
    "linfen-yaodu-xinfang-2020",
    "linfen-yaodu-xinfang-2021",
    "xian-xincheng-gov-2021",
)
"""Reports whose sums break, hold only with blanks read as 0, follow one another, and hold."""

NO_REPORT = "<html><head><title>通知公告</title></head><body><p>关于召开会议的通知。</p></body></html>"


@dataclass(frozen=True)
class Answer:
    """What one command printed and how it ended."""

    code: int
    out: str
    err: str


Ogi = Callable[..., Answer]
Start = Callable[..., subprocess.Popen[str]]


def python(code: str, *arguments: object, **environment: str) -> subprocess.Popen[str]:
    """A process of its own that runs some lines of Python with the project on its path."""
    return subprocess.Popen(
        [sys.executable, "-c", code, *(str(argument) for argument in arguments)],
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def bytes_of(folder: Path) -> dict[str, bytes]:
    """Every Parquet file below a folder with its bytes."""
    return {str(file.relative_to(folder)): file.read_bytes() for file in sorted(folder.rglob("*.parquet"))}


def zipped(members: Mapping[str, bytes]) -> bytes:
    """A ZIP file of these members."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()
