"""Statistics, computed from the frames before anything is drawn or written.

Of one run: `trials`, `positions` in the space, `timeline`, `importance`, `best_network`, and
`evidence` for the next search; `findings` (`Findings`) computes the numbers that several
figures and parts of the report share. Across seeds and runs: `uncertainty`, `selection_bias`,
`confirmation`, `comparison`, `ablation`.
"""
