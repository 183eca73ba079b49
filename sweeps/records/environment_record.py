"""The record of where a run was made: `environment.json`, beside the tables that depend on it.

A resume compares it with the present environment, whose facts `sweeps.environment` collects.
"""

from pathlib import Path
from typing import Any, Self

from sweeps.environment import Environment, differences
from sweeps.records.record_format import Part, Record

SQLITE = "sqlite:///"


class DataFacts(Part):
    """The data set of a run: its name, and the hashes of its content and of a user's files."""

    name: str
    sha256: str
    file_sha256: str | None = None


class EnvironmentFacts(Part):
    """The facts of a machine, its packages and the data, as `sweeps.environment` collects them.

    Attributes
    ----------
    python
        The version of Python.
    packages
        The versions of the packages that every trial uses.
    blas
        The name, version and kernel of each loaded BLAS library.
    simd
        The SIMD extensions of the processor that NumPy uses.
    cpu
        The name of the processor.
    cores
        The number of cores.
    system
        The operating system.
    replay
        Which form of the step trained, "compiled" or "python". Both give the same bytes, so a run
        may be resumed in the other.
    seed
        The seed of the sweep.
    data
        The data set.
    sampler_packages
        The versions of the packages that the sampler uses, if the run proposes trials.
    """

    python: str
    packages: dict[str, str]
    blas: list[dict[str, str]]
    simd: list[str]
    cpu: str
    cores: int | None = None
    system: str
    replay: str | None = None
    seed: int
    data: DataFacts
    sampler_packages: dict[str, str] | None = None

    @property
    def facts(self) -> Environment:
        """The facts as plain data, without those that are unknown."""
        return self.model_dump(include=set(EnvironmentFacts.model_fields), exclude_none=True)


class EnvironmentRecord(Record, EnvironmentFacts):
    """The environment in which a run began, and those in which it was resumed.

    Attributes
    ----------
    resumed
        The environments of later runs, each if it differs from the one before.
    storage
        The journal or database that holds the Optuna study, without a password. The path of an
        SQLite file in the run folder is relative to the folder, which can then be moved.
    data_files
        Where the user's data file was: its absolute path, and its path from the run folder.
    """

    resumed: tuple[EnvironmentFacts, ...] = ()
    storage: str | None = None
    data_files: tuple[str, ...] = ()

    @property
    def latest(self) -> EnvironmentFacts:
        """The environment of the latest run."""
        return self.resumed[-1] if self.resumed else self

    def storage_of(self, folder: Path) -> str | None:
        """Return the storage of the run in `folder`, the path of an SQLite file absolute."""
        path = (self.storage or "").removeprefix(SQLITE)
        if path == (self.storage or "") or path.startswith("/"):
            return self.storage
        return f"{SQLITE}{folder.absolute() / path}"

    def with_storage(self, storage: str, folder: Path) -> Self:
        """Return the record of the run in `folder` with another storage."""
        for place in (folder.absolute(), folder.resolve()):
            if storage.startswith(f"{SQLITE}{place}/"):
                storage = SQLITE + storage.removeprefix(f"{SQLITE}{place}/")
        return self.model_copy(update={"storage": storage})

    def after(self, present: Environment) -> Self:
        """Return the record of a run that is resumed in the environment `present`."""
        last = self.latest.facts
        same_form = present.get("replay") == last.get("replay")
        if not differences(last, present) and same_form and present.keys() <= last.keys():
            return self
        resumed = (*self.resumed, EnvironmentFacts.model_validate(present))
        return self.model_copy(update={"resumed": resumed})

    def plain(self) -> dict[str, Any]:
        """Return the record as plain data for JSON, without unknown facts."""
        return {"format": self.format, **self.model_dump(exclude_defaults=True)}
