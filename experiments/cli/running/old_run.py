"""`nnsweep run --from RUN`: a new sweep begins with what an old run knows.

The new run folder keeps what was taken over, so a resume does not need the old run. If the old run
is there and has changed, the resume is refused.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from sweeps.records.file_names import CONFIG
from sweeps.records.is_run import is_run

if TYPE_CHECKING:
    from nncore.datasets import DataSet
    from sweeps.config import SweepConfig
    from sweeps.known_results import TakenOver


def begin_with(
    old: Path, config: "SweepConfig", dataset: "DataSet", folder: Path
) -> tuple["SweepConfig", list[str]]:
    """Return `config` with what the run `old` knows, and lines that say so.

    `folder` is the folder of the new run. If it is a run already and `old` is gone, it resumes with
    what it has kept.

    Raises
    ------
    InputError
        If `old` has nothing for this sweep, is the same folder, or has changed since the new run
        began.
    """
    from nncore.errors import InputError
    from sweeps.config import differing_keys, load_config
    from sweeps.known_results import take_over

    if old.resolve() == folder.resolve():
        raise InputError(f"`--from` must be another run than the run folder, got {old}")
    kept = load_config(folder / CONFIG) if is_run(folder) else None
    if kept and (kept.known or kept.start) and not old.exists():
        config = config.model_copy(update={"known": kept.known, "start": kept.start})
        return config, [f"note: {old} is gone; the run continues with what it took over from it"]
    taken = take_over(config, dataset, old)
    changed = differing_keys(kept, taken.config) if kept else []
    if changed and set(changed) <= {"known", "start"} and ("known" in changed or taken.start):
        raise InputError(
            f"`--from` {old} must have the trials with which {folder} began, but has others now; "
            f"to continue with those, replace the sweep file by {folder / CONFIG} and --from by "
            f"--out {folder}"
        )
    return taken.config, [f"note: {_taken_over(taken, old)}"]


def _taken_over(taken: "TakenOver", old: Path) -> str:
    """Return what was taken over from the run `old`, as a sentence."""
    if taken.known:
        results = "1 result" if taken.known == 1 else f"{taken.known} results"
        left_out = f" ({taken.left_out} more do not fit)" if taken.left_out else ""
        return f"the sampler begins with {results} of {old}{left_out}"
    differ = "differs" if len(taken.reasons) == 1 else "differ"
    reasons = f"because {', '.join(taken.reasons)} {differ}"
    best = "best point is tried" if taken.start == 1 else f"{taken.start} best points are tried"
    return f"the values of {old} are not comparable, {reasons}; its {best} first"
