"""LibreOffice as a last resort: word processor files that our own readers refuse become DOCX.

Belongs here: finding the program, running it for one batch of files, its limits. Does not belong here: which documents
need it (the code "needs_converter" of a reader says so), or what becomes of the result.

Each call has a user profile of its own, so that calls run side by side. Macros and links are off; the program runs
without network where the system allows that, and behind a proxy that is not there elsewhere.
"""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path

from pipelines.errors import PipelineError

__all__ = [
    "INSTALL_COMMAND",
    "ConversionFailed",
    "ConverterMissing",
    "convert_all_to_docx",
    "convert_to_docx",
    "has_converter",
]

INSTALL_COMMAND = "apt-get install libreoffice-writer-nogui"

_PROGRAMS = ("soffice", "libreoffice", "/usr/lib/libreoffice/program/soffice", "/opt/libreoffice/program/soffice")
_LARGEST_RESULT = 200 * 1024 * 1024
_SUFFIXES = frozenset({".doc", ".wps", ".rtf", ".docx", ".odt"})
_SECONDS_PER_FILE = 10
"""What each further file of a batch adds to the time allowed; usual are 40 milliseconds."""

# Macros never run, links and pictures elsewhere are never followed, nothing is asked.
_SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="MacroSecurityLevel" oor:op="fuse">\
<value>3</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="DisableMacrosExecution" \
oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="BlockUntrustedRefererLinks" \
oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Writer/Content/Update"><prop oor:name="Link" oor:op="fuse"><value>0</value>\
</prop></item>
<item oor:path="/org.openoffice.Inet/Settings"><prop oor:name="ooInetProxyType" oor:op="fuse"><value>2</value></prop>\
</item>
<item oor:path="/org.openoffice.Inet/Settings"><prop oor:name="ooInetHTTPProxyName" oor:op="fuse">\
<value>127.0.0.1</value></prop></item>
<item oor:path="/org.openoffice.Inet/Settings"><prop oor:name="ooInetHTTPProxyPort" oor:op="fuse"><value>9</value>\
</prop></item>
<item oor:path="/org.openoffice.Inet/Settings"><prop oor:name="ooInetHTTPSProxyName" oor:op="fuse">\
<value>127.0.0.1</value></prop></item>
<item oor:path="/org.openoffice.Inet/Settings"><prop oor:name="ooInetHTTPSProxyPort" oor:op="fuse"><value>9</value>\
</prop></item>
</oor:items>
"""


class ConverterMissing(PipelineError):
    """LibreOffice is not installed; the document waits until it is."""


class ConversionFailed(PipelineError):
    """LibreOffice gave no DOCX: it refused the file, died, or took too long."""


@cache
def _program() -> str | None:
    return next((found for name in _PROGRAMS if (found := shutil.which(name))), None)


@cache
def _without_network() -> tuple[str, ...]:
    """What to put before a command so that it sees no network; nothing where the system does not allow that."""
    program = shutil.which("unshare")
    if program is None:
        return ()
    prefix = (program, "--net", "--map-root-user")
    try:
        tried = subprocess.run(
            (*prefix, "true"), stdin=subprocess.DEVNULL, capture_output=True, timeout=10, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ()
    return prefix if tried.returncode == 0 else ()


def _ended_after(seconds: float) -> tuple[str, ...]:
    """What to put before a command so that it ends even if we are killed while we wait for it.

    The limit on processor time goes with every process that it starts: one whose parent was ended stops as well.
    """
    clock, limits = shutil.which("timeout"), shutil.which("prlimit")
    last = str(int(seconds) + 5)
    return ((clock, "--signal=KILL", last) if clock else ()) + ((limits, f"--cpu={last}") if limits else ())


def has_converter() -> bool:
    """Whether LibreOffice is there."""
    return _program() is not None


def convert_to_docx(data: bytes, suffix: str = ".doc", *, timeout: float = 120) -> bytes:
    """The DOCX of one file. Raises ConverterMissing or ConversionFailed; both sentences say the way out."""
    converted = convert_all_to_docx({"document": data}, suffix, timeout=timeout)["document"]
    if isinstance(converted, ConversionFailed):
        raise converted
    return converted


def convert_all_to_docx(
    documents: Mapping[str, bytes], suffix: str = ".doc", *, timeout: float = 120
) -> dict[str, bytes | ConversionFailed]:
    """The DOCX of each file, under the same key, by one run of the program: a second for the first, little for others.

    A file that kills or stops the program costs itself and, once more each in a run of its own, the others of its
    batch. Raises ConverterMissing; every other failure is a value of the result.
    """
    program = _program()
    if program is None:
        raise ConverterMissing(
            f"This file can only be read with LibreOffice, which is not installed: run `{INSTALL_COMMAND}` and then "
            "the same command again."
        )
    if suffix not in _SUFFIXES:
        raise ValueError(f"LibreOffice Writer is not asked to read {suffix} files")
    keys = list(documents)
    found = _run(program, [documents[key] for key in keys], suffix, timeout)
    if len(keys) > 1:
        found = [
            _run(program, [documents[key]], suffix, timeout)[0] if one is None else one
            for key, one in zip(keys, found, strict=True)
        ]
    return {key: _failed() if one is None else one for key, one in zip(keys, found, strict=True)}


def _failed() -> ConversionFailed:
    return ConversionFailed(
        "LibreOffice gave no DOCX for this file: it may be damaged or locked. Open it in a word processor, save it as "
        "DOCX, and add that copy."
    )


def _run(program: str, files: Sequence[bytes], suffix: str, timeout: float) -> list[bytes | None]:
    """What one run of the program makes of some files; None for each that it made nothing of."""
    with tempfile.TemporaryDirectory(prefix="ogi-office-", ignore_cleanup_errors=True) as folder:
        root = Path(folder)
        source, target, profile = root / "in", root / "out", root / "profile"
        for made in (source, target, profile / "user"):
            made.mkdir(parents=True)
        (profile / "user" / "registrymodifications.xcu").write_text(_SETTINGS, encoding="utf-8")
        names = []
        for number, data in enumerate(files):
            path = source / f"{number}{suffix}"
            path.write_bytes(data)
            names.append(str(path))
        limit = timeout + _SECONDS_PER_FILE * (len(files) - 1)
        command = [
            *_ended_after(limit),
            *_without_network(),
            program,
            f"-env:UserInstallation={profile.as_uri()}",
            "--headless",
            "--norestore",
            "--nologo",
            "--nofirststartwizard",
            "--convert-to",
            "docx:MS Word 2007 XML",
            "--outdir",
            str(target),
            *names,
        ]
        _wait(command, root, limit)
        return [_result(target / f"{number}.docx") for number in range(len(files))]


def _wait(command: Sequence[str], home: Path, timeout: float) -> None:
    """Run the program and everything that it starts, and end all of it in time."""
    # Of the surroundings it sees the search path and the language; its home is the folder that is thrown away.
    surroundings = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL") if name in os.environ}
    surroundings |= {"HOME": str(home), "TMPDIR": str(home), "http_proxy": "http://127.0.0.1:9", "no_proxy": ""}
    process = subprocess.Popen(
        command,
        env=surroundings,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        process.wait(timeout)
    except subprocess.TimeoutExpired:
        pass
    finally:
        # The program is a script that starts another one: the whole group ends.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _result(path: Path) -> bytes | None:
    try:
        if not 0 < path.stat().st_size <= _LARGEST_RESULT:
            return None
        return path.read_bytes()
    except FileNotFoundError:
        return None
