"""The peak memory of a process that extracts every file of a folder and imports nothing else: `benchmarks.readers`."""

import sys
from pathlib import Path

import psutil

from extract.api import extract


def peak_memory() -> int:
    """The most memory that this process held, in bytes; what it holds now where the system does not tell."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) * 1024
    return int(psutil.Process().memory_info().rss)


def main() -> None:
    for path in sorted(Path(sys.argv[1]).iterdir()):
        extract(path.read_bytes())
    print(f"{peak_memory() / 2**20:8.0f} MB at most, {psutil.Process().memory_info().rss / 2**20:.0f} MB after")


if __name__ == "__main__":
    main()
