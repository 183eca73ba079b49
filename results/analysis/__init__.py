"""Statistics, computed from the frames before anything is drawn or written.

Of one run: `trials`, `positions` in the space, `timeline`, `importance`, `best_network`, and
`evidence` for the next search; `findings` (`Findings`) computes all of it once, for the figures and
the report. Across seeds and runs: `uncertainty`, `confirmation`, `comparison`.
"""
