"""The sections of a sweep file that are models of their own: `[sweep]`, `[data]` and dimensions.

`sweep_config` joins them into the whole config. The names of samplers and pruners come from their
catalogues.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import Discriminator, Field, StrictInt, Tag, field_validator, model_validator

from nncore.components.metrics import ACCURACY, METRICS
from nncore.datasets.catalogue import is_regression
from nncore.datasets.data_source import SCALE, SPLIT, DataSource, is_file_name
from nncore.datasets.splitting import MOST_PARTS
from sweeps.pruners.catalogue import PRUNERS
from sweeps.samplers.catalogue import SAMPLERS
from sweeps.space.dimensions import Choices, Number, Range, dimension_kind
from sweeps.space.plain_values import PlainModel

if TYPE_CHECKING:
    MetricName = str
    SamplerName = str
    PrunerName = str
else:
    MetricName = Literal[tuple(METRICS)]
    SamplerName = Literal[tuple(SAMPLERS)]
    PrunerName = Literal[tuple(PRUNERS)]

LARGEST = 2**63 - 1
"""The largest whole number that every TOML reader can read."""

AnyDimension = Annotated[
    Annotated[Range, Tag("range")] | Annotated[Choices, Tag("choices")],
    Discriminator(dimension_kind),
]


class SweepSection(PlainModel):
    """`[sweep]`: the settings that identify the sweep; only `trials` and `epoch_budget` may change.

    Attributes
    ----------
    name
        The name of the sweep and of its run folder in `runs/`: letters, digits, `.`, `_` and `-`.
    trials
        The total number of trials, including those finished before a resume. With the pruner
        "promotion" it must be the end of a generation; its default is then the first one from 40.
    seed
        The random seed. The same seed and settings give the same results, byte for byte.
    metric
        The metric on validation data that decides: the value of a trial, early stopping, pruning,
        and which trial is best. Metrics other than "accuracy" are computed by scikit-learn. The
        default is "accuracy"; for regression it is "rmse", or "r2" for several columns of targets.
    sampler
        The sampler, which proposes the trials.
    pruner
        The pruner, which stops trials early.
    patience
        Prune a trial only after more than this many consecutive epochs worse than its best one.
        Without a pruner, prune every such trial. 0 turns patience off.
    generation
        The number of trials proposed together. A larger generation keeps more jobs busy, but the
        sampler learns from results less often. With the pruner "promotion" they compete with each
        other, and the default is 27.
    replicates
        The number of seeds per trial, by default 1, or the number of folds. A trial's value is the
        mean of the metric over its replicates, at the epoch where this mean is best.
    epoch_budget
        End the sweep after the generation in which the total number of epochs reaches this number;
        an epoch that all replicates of a trial train counts as one.
    trial_timeout
        End a trial after the epoch in which its running time exceeds this many seconds.
    """

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=100)
    trials: StrictInt = Field(default=40, ge=1, le=LARGEST)
    seed: StrictInt = Field(default=0, ge=0, le=LARGEST)
    metric: MetricName = ACCURACY.name
    sampler: SamplerName = "tpe"
    pruner: PrunerName = "none"
    patience: StrictInt = Field(default=0, ge=0, le=LARGEST)
    generation: StrictInt = Field(default=4, ge=1, le=LARGEST)
    replicates: StrictInt = Field(default=1, ge=1, le=LARGEST)
    epoch_budget: StrictInt | None = Field(default=None, ge=1, le=LARGEST)
    trial_timeout: Number | None = Field(default=None, gt=0, le=LARGEST)


class DataSection(PlainModel):
    """`[data]`: a data set of the catalogue, or a user's file and how to read it.

    Attributes
    ----------
    name
        The name of a data set, or the path of a file: arrays (`.npz`, `.npy`, or IDX, such as
        `train-images-idx3-ubyte.gz`) or a table (`.csv`, `.tsv`, `.csv.gz`, `.tsv.gz`, `.arff`,
        `.parquet`).
    label
        The column of classes in a table.
    target
        For regression, in place of a label: the column of numbers to predict in a table, or a list
        of columns, which are predicted together; in a file of arrays, the name of the array.
    split
        For a file, the fractions of each class used for training, validation and test;
        `[0.7, 0.15, 0.15]` by default. If the file has a test set of its own, the ratio of the
        first two divides the other rows.
    scale
        For a file, how inputs are scaled: "unit" (from 0 to 1, the default), "standard" (mean 0,
        standard deviation 1) or "none".
    ignore
        The columns of a table that are not inputs, such as row numbers.
    ignore_labels
        The labels or targets of a table whose rows are left out, such as "NA"; "" is an empty cell.
    group
        The column of a table whose equal entries mark rows that no split may separate, such as a
        patient; it is not an input.
    image
        For a file, the height and width of images whose pixels are the inputs, such as `[28, 28]`.
        By default, the file itself tells.
    separator
        The character between the cells of a table, such as ";". By default it is found.
    decimal
        The decimal mark of numbers in a table, "." or ",". By default it is found.
    encoding
        The encoding of a table, such as "cp1252". By default it is found: UTF-8, UTF-16 with a byte
        order mark, or Windows-1252.
    header
        Whether the first line of a table has the names of its columns, by default true. If false,
        the columns are called "0", "1", and so on.
    categories
        The columns of a table that are categories although they are numbers, or mostly numbers.
        Columns of text always are.
    rare
        The share of the training rows, by default 0.01, below which a category is rare. The rare
        categories of a column have one input together.
    missing
        For empty cells in a column of numbers or dates: "mean" (the mean of the training rows, the
        default), "indicator" (the same, and a further input that is 1 for empty cells) or "refuse".
    folds
        Cross-validation: the training and validation rows are divided into this many folds, and
        each trial trains one replicate per fold, which is validated on that fold. The test rows
        are the same as without folds.
    """

    name: str = "mnist-5k"
    label: str | None = None
    target: tuple[str, ...] | None = None
    split: tuple[float, ...] | None = None
    scale: str | None = None
    ignore: tuple[str, ...] | None = None
    ignore_labels: tuple[str, ...] | None = None
    group: str | None = None
    image: tuple[StrictInt, StrictInt] | None = None
    separator: str | None = None
    decimal: str | None = None
    encoding: str | None = None
    header: bool | None = None
    categories: tuple[str, ...] | None = None
    rare: Number | None = None
    missing: Literal["refuse", "mean", "indicator"] | None = None
    folds: StrictInt | None = Field(default=None, ge=2, le=MOST_PARTS)

    @model_validator(mode="before")
    @classmethod
    def _spell_out(cls, table: Any) -> Any:
        """Add the default settings of a file, so that the run folder records them."""
        name = table.get("name") if isinstance(table, Mapping) else None
        if isinstance(name, str) and is_file_name(name):
            return {"split": SPLIT, "scale": SCALE, **table}
        return table

    @field_validator("target", mode="before")
    @classmethod
    def _one_target(cls, target: Any) -> Any:
        return [target] if isinstance(target, str) else target

    @field_validator("ignore", "ignore_labels", "categories", "target")
    @classmethod
    def _none(cls, columns: tuple[str, ...] | None) -> tuple[str, ...] | None:
        return columns or None

    @model_validator(mode="after")
    def _check(self) -> Self:
        _ = self.source
        return self

    @property
    def source(self) -> DataSource:
        """The data set that the settings name, in its ordinary split."""
        return DataSource(**self.model_dump(exclude_none=True, exclude={"folds"}))

    @property
    def regression(self) -> bool:
        """Whether numbers are predicted instead of classes."""
        return is_regression(self.source)
