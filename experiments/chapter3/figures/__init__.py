"""Figures of studies: `panels` draws one panel each, `study_figure` puts them side by side."""
