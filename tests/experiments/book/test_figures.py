"""The user's settings of matplotlib change no byte of a figure of a study."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure

from experiments.book.book_files import BookFiles
from experiments.book.figures.study_figure import study_figure
from experiments.book.replays.replay import ReplayedSeries
from experiments.book.replays.replay_figure import replay_figure
from experiments.book.studies import STUDIES
from results.drawing.save import write_figure
from tests.support.foreign_settings import foreign_settings


def _study() -> Figure:
    return study_figure(STUDIES["perceptron"], {}, BookFiles(withheld=True))


def _replay() -> Figure:
    ours, book = np.array([1, 2, 3]), np.array([1, 2, 4])
    return replay_figure([ReplayedSeries("test count", ours, book, 2, 3, 3, 1)])


@pytest.mark.parametrize("draw", [_study, _replay])
def test_no_setting_of_matplotlib_changes_a_figure(
    draw: Callable[[], Figure], tmp_path: Path
) -> None:
    write_figure(draw(), tmp_path / "figure", "a caption")
    published = [path.read_bytes() for path in sorted(tmp_path.iterdir())]
    assert len(published) == 2
    with foreign_settings():
        write_figure(draw(), tmp_path / "figure", "a caption")
    assert [path.read_bytes() for path in sorted(tmp_path.iterdir())] == published
