"""Replays: the author's runs, repeated from the author's seeds and compared number by number.

Reading order: `replay` (`run_replay`, `ReplayedSeries`), `catalogue` (`REPLAYS`, an entry for each
published file), `replay_table` (the rows that compare them), `replay_figure`.
"""
