"""Seconds that `chainrule check` takes, the whole process with its start.

    python benchmarks/check_speed.py                     examples/ and tests/documents/
    python benchmarks/check_speed.py note.md other.tex   these documents
    python benchmarks/check_speed.py --documents FOLDER  the documents in a folder
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
FOLDERS = (ROOT / "examples", ROOT / "tests" / "documents")
ENDINGS = {".md", ".txt", ".tex", ".ipynb"}


def documents(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.suffix in ENDINGS)


def seconds(runs: int, *arguments: str) -> tuple[float, float]:
    """The medians of elapsed and computing seconds, after one run to warm the disk's cache."""
    # As in an installed package, the sources are compiled once.
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    elapsed, computing = [], []
    for _ in range(runs + 1):
        used, begin = sum(os.times()[2:4]), time.perf_counter()
        finished = subprocess.run(
            [sys.executable, *arguments], stdout=subprocess.DEVNULL, env=environment
        )
        # 1 says that something is wrong in the document.
        if finished.returncode not in (0, 1):
            raise SystemExit(f"exit status {finished.returncode}: {' '.join(arguments)}")
        elapsed.append(time.perf_counter() - begin)
        computing.append(sum(os.times()[2:4]) - used)
    return statistics.median(elapsed[1:]), statistics.median(computing[1:])


def machine() -> str:
    """The processor, its number of cores, and the versions that matter."""
    name = platform.processor() or platform.machine()
    information = Path("/proc/cpuinfo")
    if information.is_file():
        lines = information.read_text().splitlines()
        models = [x.partition(":")[2].strip() for x in lines if x.startswith("model name")]
        name = next(iter(models), name)
    return f"{name}, {os.cpu_count()} cores, Python {platform.python_version()}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("files", nargs="*", type=Path, help="documents")
    parser.add_argument("--documents", type=Path, action="append", default=[], help="a folder")
    parser.add_argument("--runs", type=int, default=3, help="of which the median is printed")
    options = parser.parse_args()
    paths = [*options.files, *(path for folder in options.documents for path in documents(folder))]
    paths = paths or [path for folder in FOLDERS for path in documents(folder)]
    print(machine())
    print(f"elapsed  computing   seconds, whole process, median of {options.runs}")
    print("{:7.2f}  {:9.2f}   python -c pass".format(*seconds(options.runs, "-c", "pass")))
    command = ("-m", "chainrule", "check", "--format", "json")
    total = 0.0
    for path in paths:
        found = seconds(options.runs, *command, str(path))
        print("{:7.2f}  {:9.2f}   {}".format(*found, path.name), flush=True)
        total += found[0]
    print(f"{total:7.2f}              all {len(paths)}, one after the other")
    together = seconds(1, *command, *map(str, paths))
    print("{:7.2f}  {:9.2f}   all {} in one process".format(*together, len(paths)))


if __name__ == "__main__":
    main()
