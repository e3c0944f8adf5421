"""The forms that a person would write: as wanted, as in their golden files, and all true.

pytest tests/test_wanted.py --update-golden     writes the golden files anew
"""

from pathlib import Path

import pytest

import chainrule
from wanted import WANTED, asked

GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize("wanted", WANTED, ids=lambda wanted: wanted.name)
def test_the_form_is_as_wanted(wanted):
    found = asked(wanted)
    assert tuple(found.text(variable) for variable in found.by) == wanted.printed


@pytest.mark.parametrize("wanted", WANTED, ids=lambda wanted: wanted.name)
def test_the_derivation_is_golden_and_true(wanted, request):
    """What `check` reads in the printed derivation is true, and nothing in it is unread."""
    text = asked(wanted).markdown(wanted.manner)
    path = GOLDEN / f"{wanted.name}.md"
    if request.config.getoption("--update-golden"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    assert text == path.read_text(), "to renew: pytest tests/test_wanted.py --update-golden"
    report = chainrule.read(text).check()
    assert set(report.counts) <= {"proved", "holds", "not-checked"}, report.counts
    assert report.counts.keys() & {"proved", "holds"}


def test_every_golden_file_belongs_to_a_question():
    assert {path.stem for path in GOLDEN.glob("*.md")} == {wanted.name for wanted in WANTED}
