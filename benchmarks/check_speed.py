"""Seconds that `chainrule check` takes for each example, the whole process with its start."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path

ROUNDS = 5
EXAMPLES = sorted(Path(__file__).parents[1].joinpath("examples").glob("*.md"))


def seconds(*arguments: str) -> float:
    """The median over ROUNDS processes, after one to warm the disk's cache."""
    found = []
    for _ in range(ROUNDS + 1):
        begin = time.perf_counter()
        subprocess.run([sys.executable, *arguments], stdout=subprocess.DEVNULL, check=True)
        found.append(time.perf_counter() - begin)
    return statistics.median(found[1:])


def main() -> None:
    print(f"seconds, whole process, median of {ROUNDS}")
    print(f"{seconds('-c', 'import chainrule'):6.2f}  import chainrule")
    for path in EXAMPLES:
        print(f"{seconds('-m', 'chainrule', 'check', str(path)):6.2f}  chainrule check {path.name}")


if __name__ == "__main__":
    main()
