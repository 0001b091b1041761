"""The command `ogi`. Heavy imports stand inside the commands, so that `ogi --help` answers at once."""

import os
import signal
import sys
import traceback
from collections.abc import Sequence

import typer
from typer.exceptions import TyperException

from pipelines.cli import commands
from pipelines.errors import PipelineError

__all__ = ["app", "main", "run"]

app = commands.app

# Errors of the packages below, whose words are a sentence already; named, so that they need not be imported.
_SENTENCES = frozenset({"StorageError", "CorruptDocument"})

_STOPPED = "Stopped. What was finished is kept; run the same command again to go on."

EXIT_OK = 0
EXIT_PROBLEM = 1
EXIT_USAGE = 2
EXIT_INTERRUPTED = 130
EXIT_TERMINATED = 143


class Terminated(BaseException):
    """The process was asked to end (SIGTERM): everything under way cleans up behind itself, as after Ctrl-C."""


def main() -> None:
    """Entry point of the command: never a traceback, unless OGI_DEBUG=1 asks for one."""
    signal.signal(signal.SIGTERM, _terminate)
    sys.exit(run(sys.argv[1:]))


def _terminate(*_: object) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # once is enough: a second one would cut the cleaning short
    raise Terminated


def run(arguments: Sequence[str]) -> int:
    """Run one command line and give its exit code: 0 well, 1 a problem was found or met, 2 wrong usage."""
    try:
        result = typer.main.get_command(app).main(list(arguments), prog_name="ogi", standalone_mode=False)
    except TyperException as error:
        # Wrong usage prints itself, with the line on how the command is used.
        show = getattr(error, "show", None)
        return _say(str(error), EXIT_USAGE) if show is None else show() or EXIT_USAGE
    except (typer.Abort, KeyboardInterrupt):
        result = EXIT_INTERRUPTED
    except Terminated:
        return _say(_STOPPED, EXIT_TERMINATED)
    except BrokenPipeError:
        # The reader of our output has seen enough (`ogi query … | head`).
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_OK
    except Exception as error:  # the outermost border: everything becomes one sentence
        if os.environ.get("OGI_DEBUG") == "1":
            traceback.print_exc()
        return _say(_sentence(error), EXIT_PROBLEM)
    if result == EXIT_INTERRUPTED:
        return _say(_STOPPED, EXIT_INTERRUPTED)
    return result if isinstance(result, int) else EXIT_OK


def _sentence(error: Exception) -> str:
    if isinstance(error, PipelineError) or type(error).__name__ in _SENTENCES:
        return str(error)
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename}: {error.strerror}."
    words = " ".join(str(error).split()) or "no message"
    return f"Something unexpected failed: {type(error).__name__}: {words} (OGI_DEBUG=1 shows where)."


def _say(sentence: str, code: int) -> int:
    print(f"ogi: {sentence}", file=sys.stderr)
    return code
