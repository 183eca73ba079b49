"""Pruners: when to stop a trial early.

`rules` decides in a worker (`should_prune`), `history` keeps what the parent learned from finished
trials (`PrunerHistory`), `settings` checks `[pruner]`. A new pruner needs a part in each,
and its name in `SweepSection` of `sweeps.config`.
"""
