"""The figures of studies and replays: `panels` draw, `study_figure` puts them side by side."""
