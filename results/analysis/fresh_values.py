"""What the confirmed trials reached in the search, and what they reached again on fresh seeds.

The choice of the best favors lucky values, so most trials come out worse the second time.
"""

import math

import pandas as pd

from sweeps.records.confirmation_record import Verdict


def fresh_scores(verdict: Verdict) -> pd.DataFrame:
    """Return `trial, search, mean, low, high, scores` of each confirmed trial that has a mean.

    `search` is the score that the search estimated, `mean` the mean score over the fresh seeds,
    `low` and `high` the ends of its 95% interval, NaN if there is none, and `scores` the list of
    the score on each seed.
    """
    score = verdict.judged_by.score
    rows = [
        (
            one.trial,
            score(one.in_search_estimate),
            score(one.mean),
            *(sorted(map(score, one.ci)) if one.ci else (math.nan, math.nan)),
            [score(value) for value in one.values],
        )
        for one in verdict.candidates
        if math.isfinite(one.mean) and math.isfinite(one.in_search_estimate)
    ]
    return pd.DataFrame(rows, columns=["trial", "search", "mean", "low", "high", "scores"])


def fresh_limits(frame: pd.DataFrame) -> tuple[float, float]:
    """Return the lowest and the highest of all scores; intervals may reach further."""
    scores = [*frame["search"], *(one for scores in frame["scores"] for one in scores)]
    return min(scores), max(scores)


def over_text(verdict: Verdict) -> str:
    """Return what the means are over: "seeds", or "splits and seeds" if each has its own split."""
    return "splits and seeds" if verdict.splits else "seeds"


def seeds_text(verdict: Verdict) -> str:
    """Return "10 seeds", or "10 splits and seeds"."""
    return f"{len(verdict.seeds)} {over_text(verdict)}"


def fresh_text(verdict: Verdict) -> str:
    """Return "10 fresh seeds", or "10 fresh splits and seeds"."""
    return seeds_text(verdict).replace(" ", " fresh ", 1)
