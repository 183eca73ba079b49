"""Computed from the frames, before anything is drawn or written: frames in, frames out.

`trials`, `inference`, `importance`, `comparison`, `confirmation`; `findings` (`Findings`) computes
all of a run once, for the figures and the report.
"""
