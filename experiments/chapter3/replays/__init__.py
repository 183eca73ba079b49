"""Replays: the author's runs, repeated from the author's seeds and compared count for count.

`replay` (`run_replay`, `Comparison`), `catalogue` (`REPLAYS`, one entry per published file),
`bands` (the spread of our own seeds where rounding decides).
"""
