"""Records of a made-up run, whole and valid, for tests that read them."""

from typing import Any

from sweeps.records.ablation_record import AblationRecord, ChangeRecord, Effect
from sweeps.records.confirmation_record import (
    CandidateRecord,
    ClassScore,
    ConfirmationRecord,
    EnsembleScores,
    OpenedTestSet,
    SelectionBias,
    Verdict,
)

FACTS: dict[str, Any] = {
    "python": "3.11.0",
    "packages": {"numpy": "2.0"},
    "blas": [{"name": "openblas", "version": "0.3", "kernel": "Haswell"}],
    "simd": ["AVX2"],
    "cpu": "made up",
    "cores": 2,
    "system": "Linux",
    "replay": "compiled",
    "seed": 1,
    "data": {"name": "mnist-5k", "sha256": "a" * 64},
}
"""The facts of an environment."""


def environment_json(**changes: Any) -> dict[str, Any]:
    """Return the content of an `environment.json`."""
    return {"format": 1, **FACTS, **changes}


def plain_verdict(winner: int, seeds: list[int]) -> Verdict:
    """Return a verdict of one candidate whose values are all 0.5."""
    candidate = CandidateRecord(
        trial=winner,
        params={},
        search_value=0.5,
        in_search_estimate=0.5,
        values=[0.5 for _ in seeds],
        mean=0.5,
        ci=(0.5, 0.5),
    )
    bias = SelectionBias(trial=winner, in_search_estimate=0.5, mean=0.0, ci=(0.0, 0.0))
    return Verdict(
        sweep_seed=7,
        finished_trials=12,
        seeds=seeds,
        candidates=[candidate],
        winner=winner,
        selection_bias=bias,
    )


def opened(
    verdict: Verdict, times: int = 1, sha256: str | None = "b" * 64, **changes: Any
) -> ConfirmationRecord:
    """Return the record of a `verdict` whose test set was opened so many times.

    Without a hash it is one of an earlier version, which kept no ensemble.
    """
    count = len(verdict.seeds)
    ensemble = EnsembleScores(
        networks=count,
        examples=200,
        value=0.94,
        ci=(0.898, 0.965),
        classes=[ClassScore(name="odd", examples=200, precision=1.0, recall=0.94)],
    )
    scores: dict[str, Any] = {
        "mean": 0.92,
        "std": 0.004,
        "values": [0.924, 0.916] + [0.92] * (count - 2),
        **({"ci": (0.915, 0.925), "ensemble": ensemble} if sha256 else {}),
    }
    test_set = OpenedTestSet(
        **scores | changes,
        trial=verdict.winner,
        opened_at="2026-01-02T03:04:05+00:00",
        sha256=sha256,
    )
    return ConfirmationRecord(**dict(verdict), test_set=test_set, history=[test_set] * times)


def effect(mean: float, p_holm: float | None = 1.0, width: float = 0.01) -> Effect:
    """Return an effect with an interval of this width around its mean; none for 0."""
    ci = (mean - width / 2, mean + width / 2) if width else None
    return Effect(mean=mean, ci=ci, p_value=0.01, p_holm=p_holm)


def ablation(**changes: Any) -> AblationRecord:
    """Return the record of an ablation with two changes, the first of them significant."""
    first = ChangeRecord(
        before={"learning_rate": 0.5},
        after={"learning_rate": 1.0},
        value=0.93,
        step=effect(0.03, 0.002),
        alone=effect(0.03, 0.002),
        in_winner=effect(0.02, 0.0004),
    )
    second = ChangeRecord(
        before={"output": "sigmoid", "cost": "cross-entropy"},
        after={"output": "softmax", "cost": "log-likelihood"},
        value=0.92,
        step=effect(-0.01, 0.2),
        alone=effect(0.0, 1.0, width=0),
        in_winner=effect(-0.01, 0.2),
    )
    facts: dict[str, Any] = {
        "sweep_seed": 1,
        "metric": "accuracy",
        "trial": 3,
        "confirmed": False,
        "seeds": 5,
        "networks": 30,
        "same": ["lmbda"],
        "held": {},
        "default_value": 0.9,
        "total": effect(0.02, None),
        "changes": [first, second],
    }
    return AblationRecord(**facts | changes)
