"""Whether this machine can run the optional browser back end.

Belongs here: finding the package and the program. Does not belong here: using them (`browser`).
"""

import importlib.util
import os
import shutil

__all__ = ["BROWSER_VARIABLE", "browser_missing", "executable"]

BROWSER_VARIABLE = "OGI_CHROMIUM"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PACKAGE = "playwright"


def executable() -> str | None:
    """The Chromium of this machine: OGI_CHROMIUM, or one of the usual names."""
    return os.environ.get(BROWSER_VARIABLE) or next((path for name in NAMES if (path := shutil.which(name))), None)


def browser_missing() -> str | None:
    """What is missing for the back end, with the way out; None where it can be used."""
    if importlib.util.find_spec(PACKAGE) is None:
        return (
            "the browser back end is not installed: pip install 'ogi-warehouse[browser]', or leave the key out and "
            "the page is read without one"
        )
    if executable() is None:
        return f"no Chromium was found: install it (apt-get install chromium), or name it in {BROWSER_VARIABLE}"
    return None
