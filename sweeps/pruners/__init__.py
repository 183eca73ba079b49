"""Pruners: when to stop a trial early.

`rules` decides in a worker (`should_prune`), `history` learns from finished trials in the parent
(`History`), `settings` checks `[pruner]`. A new pruner is a rule, its history and its settings.
"""
