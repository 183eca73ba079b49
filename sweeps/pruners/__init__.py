"""Pruners: when to stop a trial early.

`catalogue` (`PRUNERS`) lists them by name. `rules` decides in a worker (`should_prune`), `history`
keeps the finished trials in the parent (`PrunerHistory`) and makes the rules from them,
`check_settings` checks `[pruner]`. A new pruner is a rule, a history and an entry in the catalogue,
which holds its settings and their defaults; a new whole-number setting is also named in `LEAST`
there. One pruner has no history: with `promotion`, the trials of a generation compete in the parent
(`Bracket`, `standing`).
"""
