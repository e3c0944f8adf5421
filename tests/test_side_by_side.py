"""Work that several processes share gives what one process gives, whatever becomes of them."""

import json
import os
import signal
from pathlib import Path

import pytest

import chainrule
from chainrule.checker import check, side_by_side
from chainrule.checker.side_by_side import in_turn
from chainrule.checking import check_files

DOCUMENT = Path(__file__).parent / "documents" / "functions_in_words.md"
NUMBERS = range(9)


@pytest.fixture
def copies(monkeypatch):
    """Three cores, and the numbers of the processes that were started."""
    if not hasattr(os, "fork"):
        pytest.skip("processes cannot be copied here")
    started, fork = [], os.fork

    def counted():
        started.append(fork())
        return started[-1]

    monkeypatch.setattr(os, "fork", counted)
    monkeypatch.setattr(side_by_side, "cores", lambda: 3)
    yield started
    for process in started:
        with pytest.raises(ProcessLookupError):
            os.kill(process, 0)


def shared(work, weight=None):
    return side_by_side.side_by_side(work, NUMBERS, weight)


def test_a_report_does_not_depend_on_the_number_of_processes(copies):
    document = chainrule.read(DOCUMENT)
    together = document.check(None, side_by_side.side_by_side).as_json()
    assert copies
    assert together == document.check().as_json()


def test_documents_are_judged_side_by_side_and_reported_in_order(copies, capsys, monkeypatch):
    # The shortest first: it is begun last.
    paths = sorted(DOCUMENT.parent.glob("a*.md"), key=lambda path: path.stat().st_size)[:4]
    names, told = [*map(str, paths), "nowhere.md"], []
    status = check_files(names, "json", None, told.append)
    together = capsys.readouterr().out
    assert copies
    monkeypatch.setattr(side_by_side, "cores", lambda: 1)
    assert status == check_files(names, "json", None, told.append) == 2
    assert capsys.readouterr().out == together
    assert [one["document"] for one in json.loads(together)] == [*map(str, paths)]
    assert "nowhere.md" in told[0] and told[0] == told[1]


def test_a_short_document_is_judged_by_one_process(copies):
    document = chainrule.read("$$ y = x + x $$ $$ y = 2 x $$ $$ y = 3 x $$")
    assert len(document.text.text) < check.SHORT
    document.check(None, side_by_side.side_by_side)
    assert not copies


def test_results_come_in_order_whatever_is_begun_first(copies):
    assert shared(str, weight=lambda number: side_by_side.LEAST * number) == in_turn(str, NUMBERS)
    assert len(copies) >= 2


@pytest.fixture
def left(monkeypatch):
    """The number of cores that nothing runs on, at the end of each work."""
    found, close = [], side_by_side._Idle.close

    def counted(idle):
        found.append(0)
        while idle.take():
            found[-1] += 1
        close(idle)

    monkeypatch.setattr(side_by_side._Idle, "close", counted)
    return found


def test_work_inside_of_work_runs_on_the_same_cores(copies, left):
    assert shared(lambda number: sum(shared(lambda other: other * number)))[2] == 72
    assert len(copies) >= 2
    assert left == [2]


def test_a_core_with_nothing_left_to_do_helps_inside_of_other_work(copies, left):
    own = os.getpid()

    def work(number):
        # Both copies are started for the outer work: a third one has the core of one that ended.
        while os.getpid() == own and len(copies) < 3:
            shared(str)
        return number

    assert shared(work) == list(NUMBERS)
    assert left == [2]


def test_a_mistake_is_the_one_that_comes_first(copies):
    def work(number):
        if number > 4:
            raise ValueError(number)

    with pytest.raises(ValueError, match="5"):
        shared(work)


def test_what_a_killed_process_does_not_deliver_is_done_here(copies):
    own = os.getpid()

    def work(number):
        if os.getpid() != own:
            os.kill(os.getpid(), signal.SIGKILL)
        return number

    assert shared(work) == list(NUMBERS)


def test_results_that_cannot_be_handed_over_are_found_here(copies):
    assert [give() for give in shared(lambda number: lambda: number)] == list(NUMBERS)


def test_an_interruption_ends_all_processes(copies):
    def work(number):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        shared(work)


def test_without_more_processes_one_does_everything(copies, monkeypatch):
    def refused():
        raise BlockingIOError

    monkeypatch.setattr(os, "fork", refused)
    assert shared(str) == in_turn(str, NUMBERS)
