"""The page of a run that is under way reloads itself each minute, unless the reader forbids it."""

import fcntl
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from results.report.html import write_report
from sweeps.under_way import open_reports

CHECKED = "document.querySelector('#refresh input').checked"
PLANNED = "document.querySelector('meta[http-equiv=refresh]')?.content ?? ''"


@pytest.fixture
def under_way(make_run_of: Any, tmp_path: Path) -> Iterator[Path]:
    """The report of a run that another process, as it seems, has locked."""
    run = make_run_of(tmp_path / "run", 3)
    lock = os.open(run / ".lock", os.O_RDWR | os.O_CREAT)
    fcntl.flock(lock, fcntl.LOCK_EX)
    with open_reports(run) as reports:
        reports.begin(0, 0)
        page = write_report(run)
    yield page
    os.close(lock)


def test_the_page_reloads_itself_until_the_reader_switches_it_off(
    browser: Any, under_way: Path
) -> None:
    browser.open(under_way)
    assert browser.run("document.querySelector('#refresh').offsetHeight") > 0
    assert (browser.run(CHECKED), browser.run(PLANNED)) == (True, "60")
    browser.run("window.stop = () => { window.stopped = true; }")  # cancels the planned reload
    browser.click("#refresh input")
    assert (browser.run(CHECKED), browser.run(PLANNED)) == (False, "")
    assert browser.run("window.stopped") is True
    browser.open(under_way)
    assert (browser.run(CHECKED), browser.run(PLANNED)) == (False, "")
    browser.click("#refresh input")
    assert (browser.run(CHECKED), browser.run(PLANNED)) == (True, "60")
    assert browser.complaints() == []
