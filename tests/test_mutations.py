"""Mutants of true claims are found, and those that stay true are not called false."""

import importlib.util
import random
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def benchmark():
    spec = importlib.util.spec_from_file_location("mutations", ROOT / "benchmarks/mutations.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["mutations"] = module
    spec.loader.exec_module(module)
    return module


MUTATIONS = benchmark()


@pytest.mark.parametrize("name", ["scalar_functions", "softmax", "shapes_in_words"])
def test_mutants_are_found(name):
    path = ROOT / "tests/documents" / f"{name}.md"
    chosen = MUTATIONS.sample(path, each=3, seed=1)
    chosen = random.Random(1).sample(chosen, min(14, len(chosen)))
    judged = [MUTATIONS.judgement(mutant) for mutant in chosen]
    assert sum(one.false is True for one in judged) >= 8
    for one in judged:
        if one.false:
            assert one.verdict not in ("holds", "proved"), MUTATIONS.told(one)
        elif one.false is False:
            assert one.verdict not in ("wrong", "shape"), MUTATIONS.told(one)


def test_the_same_seed_gives_the_same_mutants():
    path = ROOT / "tests/documents" / "scalar_functions.md"
    first, second = (
        [MUTATIONS.told(MUTATIONS.Judgement(m, "", None)) for m in MUTATIONS.sample(path, 2, 5)]
        for _ in range(2)
    )
    assert first == second and len(first) > 10
