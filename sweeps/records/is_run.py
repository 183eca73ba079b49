"""Which folders are run folders: those that a run has written.

A sweep file alone makes none: `nnsweep init` writes a `sweep.toml` into a user's own folder.
"""

from pathlib import Path

from nncore.errors import InputError
from sweeps.records.file_names import CONFIG, ENVIRONMENT, TRIALS


def is_run(folder: Path) -> bool:
    """Return whether a run has written `folder`."""
    written = (folder / name for name in (ENVIRONMENT, TRIALS))
    return (folder / CONFIG).is_file() and any(path.is_file() for path in written)


def runs_in(folder: Path) -> list[Path]:
    """Return the run folders in `folder`, without those that cannot be read, by name."""
    return sorted(path for path in folder.glob("*") if _is_readable_run(path))


def _is_readable_run(folder: Path) -> bool:
    try:
        return is_run(folder)
    except OSError:
        return False


def check_run(folder: Path) -> None:
    """Raise `InputError` unless a run has written `folder`."""
    try:
        if is_run(folder):
            return
        only_config = (folder / CONFIG).is_file()
    except OSError as error:  # for example a name that is too long
        raise InputError(f"`{folder}` must be a run folder, got: {error.strerror}") from error
    got = f"has only a sweep file, {CONFIG}" if only_config else f"contains no {CONFIG}"
    raise InputError(f"`{folder}` must be a run folder, but {got}")
