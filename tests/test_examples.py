"""What is written down is run: README.md, the docstrings, and the list of files in docs/.

python tests/test_examples.py     writes the outputs in README.md and that list anew
"""

import ast
import doctest
import importlib
import os
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import pytest

import chainrule
from reference import functions_page, rules_page

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
ARCHITECTURE = ROOT / "docs" / "architecture.md"
PAGES = {"docs/functions.md": functions_page, "docs/rules.md": rules_page}
SOURCE = ROOT / "src" / "chainrule"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# Importing it runs the command.
MODULES = [
    module.name
    for module in pkgutil.walk_packages([str(SOURCE)], "chainrule.")
    if module.name != "chainrule.__main__"
]


def blocks(kind):
    return [body for found, body in BLOCK.findall(README.read_text()) if found == kind]


def ran(body):
    """A console block with what its commands, the lines that start with `$ `, really print."""
    lines = []
    for command in (line for line in body.splitlines() if line.startswith("$ ")):
        lines.append(command)
        lines += [line.rstrip() for line in output(command[2:]).splitlines()]
    return "\n".join(lines) + "\n"


def output(command):
    """Standard output and standard error of a shell command, in the order of a terminal."""
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONUNBUFFERED": "1",
        "COLUMNS": "100",
    }
    done = subprocess.run(
        command,
        shell=True,
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=60,
    )
    return done.stdout


def comparable(text):
    """Without seconds, and without measurements, whose last digits differ between machines."""
    text = re.sub(r"\d+\.\d+ ?s\b", "… s", text)
    text = re.sub("′\\d+", "′", text)  # letters of emitted comments, numbered as they are made
    return re.sub(r"\b(loss|accuracy) \d+\.\d+", r"\1 …", text)


@pytest.mark.parametrize("body", blocks("console"), ids=lambda body: body.splitlines()[0])
def test_console_blocks_of_the_readme(body):
    assert comparable(ran(body)) == comparable(body), "to renew: python tests/test_examples.py"


def test_python_blocks_of_the_readme(monkeypatch):
    monkeypatch.chdir(ROOT)
    text = "\n".join(blocks("python"))
    test = doctest.DocTestParser().get_doctest(text, {}, "README.md", str(README), 0)
    assert test.examples
    report = []
    doctest.DocTestRunner().run(test, out=report.append)
    assert not report, "".join(report)


@pytest.mark.parametrize("name", ["chainrule", *MODULES])
def test_docstrings(name):
    try:
        module = importlib.import_module(name)
    except ModuleNotFoundError as missing:
        pytest.skip(f"needs {missing.name}")
    report = doctest.testmod(module)
    assert report.failed == 0


def test_the_package_is_the_one_of_this_repository():
    assert Path(chainrule.__file__).parent == SOURCE


def test_the_architecture_names_every_file():
    told = re.findall(r"^\| `([\w/]+\.py)` \| \S", ARCHITECTURE.read_text(), re.MULTILINE)
    assert sorted(told) == sorted(path.relative_to(SOURCE).as_posix() for path in files())


def files():
    """All files of the package but those that only say what a folder is, in the order of layers."""
    folders = ["", "language", "mathematics", "transform"]
    folders += ["notation", "checker", "program", "training"]
    found = [path for folder in folders for path in sorted((SOURCE / folder).glob("*.py"))]
    return [path for path in found if path.name != "__init__.py" or path.parent == SOURCE]


@pytest.mark.parametrize("page", PAGES)
def test_reference_pages_are_those_of_the_records(page):
    assert (ROOT / page).read_text() == PAGES[page](), "to renew: python tests/test_examples.py"


@pytest.mark.parametrize("page", ["README.md", "docs/architecture.md", "docs/verdicts.md", *PAGES])
def test_links_lead_somewhere(page):
    path = ROOT / page
    links = re.findall(r"\]\(([^)#:]+)\)", path.read_text())
    missing = [link for link in links if not (path.parent / link).exists()]
    assert not missing


def write_outputs():
    """README.md with the outputs of today."""

    def replaced(match):
        body = ran(match[2]) if match[1] == "console" else match[2]
        return f"```{match[1]}\n{body}```"

    README.write_text(BLOCK.sub(replaced, README.read_text()))


def write_files():
    """The list of files, a table for each folder, with what their docstrings say first."""
    folder, lines = None, []
    for path in files():
        if path.parent != folder:
            folder = path.parent
            title = folder.relative_to(SOURCE.parent).as_posix()
            about = first_sentence(folder / "__init__.py")
            lines += [f"\n## {title}\n", about, "", "| file | |", "|---|---|"]
        lines.append(f"| `{path.relative_to(SOURCE).as_posix()}` | {first_sentence(path)} |")
    text, mark, _ = ARCHITECTURE.read_text().partition("<!-- files -->\n")
    ARCHITECTURE.write_text(text + mark + "\n".join(lines) + "\n")


def first_sentence(path):
    """The first paragraph of a docstring as one line, a full stop at its end."""
    text = ast.get_docstring(ast.parse(path.read_text())).partition("\n\n")[0]
    return " ".join(text.split()).rstrip(":.").replace("|", "\\|") + "."


if __name__ == "__main__":
    write_outputs()
    write_files()
    for page, made in PAGES.items():
        (ROOT / page).write_text(made())
