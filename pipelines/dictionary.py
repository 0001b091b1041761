"""Write the data dictionary: `python -m pipelines.dictionary docs/data_dictionary.md`. Generated, never edited."""

import sys
from pathlib import Path

from transform.schema.derive import data_dictionary_markdown


def main() -> None:
    """Write the dictionary to the file named on the command line."""
    Path(sys.argv[1]).write_text(data_dictionary_markdown(), encoding="utf-8")


if __name__ == "__main__":
    main()
