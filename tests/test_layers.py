"""The plan of the house: imports follow the flow, files and functions stay small."""

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src" / "chainrule"
FILES = sorted(SOURCE.rglob("*.py"))

# A part may import itself and what stands on an earlier line.
LAYERS = [
    {"errors"},
    {"language"},
    {"mathematics"},
    {"transform"},
    {"notation"},
    {"checker", "program"},
    {"training"},
    {"cli", "__main__", "__init__"},
]
LEVEL = {part: level for level, parts in enumerate(LAYERS) for part in parts}

# The public face of the package stands above everything but the command line.
TOP = len(LAYERS)

# Optional engines are imported when asked for, and what one command needs when it runs.
MAY_IMPORT_LATE = ("program/build.py", "training/engines.py", "documents.py", "cli/")


def name_of(path):
    return path.relative_to(SOURCE).as_posix()


def part_of(path):
    return path.relative_to(SOURCE).parts[0].removesuffix(".py")


def imported_parts(tree):
    for node in ast.walk(tree):
        names = []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module]
            if node.module == "chainrule":
                names = [f"chainrule.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        for name in names:
            if name.startswith("chainrule."):
                yield name.split(".")[1], node.lineno


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_imports_follow_the_flow(path):
    part = part_of(path)
    here = LEVEL.get(part, TOP)
    for other, line in imported_parts(ast.parse(path.read_text())):
        allowed = here >= TOP - 1 or other == part or LEVEL.get(other, TOP) < here
        assert allowed, f"{path}:{line} imports {other}"


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_imports_stand_at_the_top(path):
    tree = ast.parse(path.read_text())
    late = [
        inner.lineno
        for outer in ast.walk(tree)
        if isinstance(outer, (ast.FunctionDef, ast.AsyncFunctionDef))
        for inner in ast.walk(outer)
        if isinstance(inner, (ast.Import, ast.ImportFrom))
    ]
    allowed = name_of(path).startswith(MAY_IMPORT_LATE)
    assert allowed or not late, f"{path}: imports inside at {late}"


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_files_and_functions_fit_on_a_screen(path):
    text = path.read_text()
    lines = text.splitlines()
    assert len(lines) <= 400, f"{path} has {len(lines)} lines"
    wide = [number for number, line in enumerate(lines, 1) if len(line) > 100]
    assert not wide, f"{path}: lines over 100 characters: {wide}"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            length = node.end_lineno - node.lineno + 1
            docstring = ast.get_docstring(node, clean=False)
            length -= docstring.count("\n") + 1 if docstring else 0
            assert length <= 40, f"{path}:{node.lineno} {node.name} has {length} lines"


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_nothing_is_named_after_nothing(path):
    assert path.stem not in {"util", "utils", "helper", "helpers", "manager", "core", "misc"}
