"""Replays: the author's runs, repeated from the author's seeds and compared count for count.

Reading order: `replay` (`run_replay`, `ReplayedSeries`), `catalogue` (`REPLAYS`, an entry for each
published file), `prediction_intervals` (where rounding decides), `replay_figure`.
"""
