"""Figures of studies: `panels` draws one panel each, `study_figure` puts them side by side."""

import results.drawing  # noqa: F401  # before any module imports matplotlib
