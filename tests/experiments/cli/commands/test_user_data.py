"""A user's own file, from `data info` over `train` and `run` to `predict`, as typed."""

import csv
import html
import io
import json
import os
import tomllib
from pathlib import Path

import numpy as np
import pytest

from experiments.cli.options import OWN_FILE
from nncore.datasets.data_source import FILE_KINDS
from results.figures.catalogue import draw_confusion

ROWS = 60


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Return a .csv of two kinds of flowers that the first column tells apart."""
    rng = np.random.default_rng(3)
    lines = ["length,kind,width"]
    for row in range(ROWS):
        kind, length = ("tall", 90 + rng.normal()) if row % 3 else ("dwarf", 10 + rng.normal())
        lines.append(f"{length:.4f},{kind},{rng.normal():.4f}")
    path = tmp_path / "flowers.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture
def images(tmp_path: Path) -> Path:
    path = tmp_path / "dots.npz"
    x = np.random.default_rng(1).integers(0, 256, (40, 4, 5), dtype=np.uint8)
    np.savez(path, x=x, y=np.arange(40) % 2)
    return path


FLOWERS = ("--data", "flowers.csv", "--label", "kind")


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_info_shows_shape_classes_and_balance_of_a_file(nnsweep, table: Path) -> None:
    answer = nnsweep("data", "info", "flowers.csv", "--label", "kind")
    assert answer.code == 0
    assert "inputs: 2 features\n" in answer.out
    assert (
        "classes: 2, from 33.33% of all examples (class dwarf) to 66.67% (class tall)" in answer.out
    )
    counts = [line.split() for line in answer.out.splitlines()[-3:]]
    # Of 20 dwarfs 3 are held out twice, of 40 tall ones 6.
    assert counts == [["dwarf", "14", "3", "3"], ["tall", "28", "6", "6"], ["all", "42", "9", "9"]]
    assert "--sheet" not in answer.out


def test_a_class_that_looks_like_a_missing_label_is_named(nnsweep, table: Path) -> None:
    """20 of the 60 rows have the class that is renamed; a class of the catalogue is never named."""
    table.write_text(table.read_text().replace("dwarf", "NaN"))
    warning = (
        "warning: 20 examples in flowers.csv have the class 'NaN', which often means a missing"
    )
    small = (*SMALL, *SHORT)
    quick = (*small, "--trials", "1", "--jobs", "1")
    for words in (
        ("data", "info", "flowers.csv", "--label", "kind"),
        ("train", *FLOWERS, "--epochs", "1"),
        ("run", *FLOWERS, *quick, "--dry-run"),
        ("run", *FLOWERS, *quick),
    ):
        answer = nnsweep(*words)
        assert answer.code == 0
        assert answer.err.count(warning) == 1
    assert "warning" not in nnsweep("run", *FLOWERS, "--set", "training.epochs=0").err
    assert "warning" not in nnsweep("data", "info", "digits").err


@pytest.mark.parametrize("name", ["NA", "n/a", "null", "None", "?"])
def test_texts_of_other_programs_for_a_missing_label_are_known(
    nnsweep, table: Path, name: str
) -> None:
    table.write_text(table.read_text().replace("dwarf", name))
    assert f"'{name}'" in nnsweep("data", "info", "flowers.csv", "--label", "kind").err


def test_info_writes_a_picture_sheet_of_images_or_says_how(nnsweep, images: Path) -> None:
    answer = nnsweep("data", "info", "dots.npz")
    assert "inputs: 20 features, images of 4 × 5" in answer.out
    assert "To see the images: --sheet FILE.png draws ten of each class." in answer.out
    answer = nnsweep("data", "info", "dots.npz", "--sheet", "dots.png")
    assert answer.out.endswith("wrote dots.png\n")
    assert Path("dots.png").read_bytes().startswith(b"\x89PNG")


def test_a_network_trained_on_a_file_predicts_it(nnsweep, table: Path) -> None:
    words = ("--epochs", "40", "--learning-rate", "2", "--save", "net.npz", "--json", "--test")
    result = json.loads(nnsweep("train", *FLOWERS, *words).out)
    assert result["test_accuracy"] == 1.0
    answer = nnsweep("predict", "net.npz", "flowers.csv", "--label", "kind")
    assert answer.code == 0
    predicted = rows(answer.out)
    assert [row["row"] for row in predicted] == [str(n) for n in range(1, ROWS + 1)]
    true = [row["kind"] for row in rows(table.read_text())]
    right = [row["class"] == kind for row, kind in zip(predicted, true, strict=True)]
    assert sum(right) > 0.9 * ROWS
    assert all(0 < float(row["probability"]) < 1 for row in predicted)
    # The same columns without the label's give the same, as does an .npz of them.
    bare = [f"{row['length']},{row['width']}" for row in rows(table.read_text())]
    Path("bare.csv").write_text("\n".join(["length,width", *bare, ""]))
    np.savez("bare.npz", x=np.array([line.split(",") for line in bare], dtype=float))
    turned = [",".join(reversed(line.split(","))) for line in bare]
    Path("turned.csv").write_text("\n".join(["width,length", *turned, ""]))
    for file in ("bare.csv", "bare.npz", "turned.csv"):
        assert nnsweep("predict", "net.npz", file).out == answer.out
    as_json = json.loads(nnsweep("predict", "net.npz", "bare.csv", "--json").out)
    assert [{k: str(v) for k, v in p.items()} for p in as_json["predictions"]] == predicted


def test_a_run_on_a_file_predicts_and_goes_on(nnsweep, table: Path) -> None:
    words = ("run", *FLOWERS, "--trials", "2", "--jobs", "1", *SHORT)
    small = ("--set", "space.mini_batch_size={choices=[5, 10]}", "--out", "out")
    assert nnsweep(*words, *small).code == 0
    answer = nnsweep("predict", "out", "flowers.csv")  # the run knows its label
    assert {row["class"] for row in rows(answer.out)} <= {"dwarf", "tall"}
    assert nnsweep("predict", "out", "flowers.csv", "--label", "kind").out == answer.out
    bare = [f"{row['width']},{row['length']}" for row in rows(table.read_text())]
    Path("bare.csv").write_text("\n".join(["width,length", *bare, ""]))
    assert nnsweep("predict", "out", "bare.csv").out == answer.out
    assert nnsweep(*words, *small).code == 0
    table.write_text(table.read_text() + "1,dwarf,1\n")
    answer = nnsweep(*words, *small)
    assert answer.code == 2
    assert "different environment: the content of data file `flowers.csv` differs" in answer.err
    assert "{" not in answer.err


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["predict", "net.npz", "dots.npz"], "`dots.npz` must have 2 inputs in each row, got 20"),
        (["predict", "net.npz", "flowers.csv"], "trained on, got 'kind' too"),
        (["predict", "net.npz", "half.csv"], "`half.csv` must have the column 'width' that the"),
        (["predict", "net.npz", "numbers.csv"], "must begin with column names, got numbers"),
        (["predict", "net.npz", "none.csv"], "data file `none.csv` must be readable"),
        (["predict", "net.npz", "net.toml"], "data file `net.toml` must be readable"),
        (["predict", "nothing", "dots.npz"], "`nothing` must be a run folder or a saved network"),
        (["predict", ".", "dots.npz"], "`.` must be a run folder with best.npz"),
        (["predict", "dots.npz", "dots.npz"], "model file dots.npz must be a saved model"),
        (["data", "info", "flowers.csv"], "`--label` must name the column of classes"),
        (
            ["data", "info", "dots.npz", "--label", "y"],
            "`label` must go with a table, such as .csv",
        ),
        (
            ["data", "info", "flowers.csv", "--label", "kind", "--sheet", "a.png"],
            "`--sheet` must be used with images, but flowers.csv contains none\n",
        ),
        (["data", "info", "dots.npz", "--sheet", "a.svg"], "`--sheet` must be a .png file"),
        (["data", "info", "dots.npz", "--sheet", "no/a.png"], "`--sheet` must be a writable file"),
        (["train", "--data", "flowers.csv"], "`--label` must name the column of classes"),
        (
            ["train", "--data", "flowers.csv", "--label", "sort"],
            "must have the label column `sort`",
        ),
        (["train", "--data", "dots.npz", "--scale", "unti"], "did you mean `unit`?"),
        (["data", "info", "dots.npz", "--split", "1,0,0"], "`split` must be three fractions > 0"),
        (["train", "--data", "dots.npz", "--split", "1,x"], "`--split` must be three fractions"),
        (["data", "info", "digits", "--scale", "none"], "`scale` must go with a data file"),
        (["run", "--label", "kind"], "`label` must go with a data file"),
        (["run", "--data", "flowers.csv"], "`--label` must name the column of classes"),
        (["run", "--data", ""], "unknown data set ``"),
        (["run", "--data", "junk.npz"], "must be a complete .npz file"),
        (
            ["run", "--data", "dots.npz", "--set", "space.mini_batch_size={choices=[40]}"],
            "`mini_batch_size` must be <= 28",
        ),
    ],
    ids=" ".join,
)
def test_what_cannot_be_is_refused_in_one_line(
    nnsweep, table: Path, images: Path, words: list[str], expected: str
) -> None:
    quick = ("train", *FLOWERS, "--epochs", "1", "--save", "net.npz")
    assert nnsweep(*quick).code == 0
    Path("half.csv").write_text("length\n1\n")
    Path("numbers.csv").write_text("5,3\n4,2\n")
    Path("junk.npz").write_bytes(b"PK\x03\x04" + bytes(100))
    before = sorted(Path().iterdir())
    answer = nnsweep(*words)
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith("nnsweep: ")
    assert answer.err.count("\n") == 1
    assert expected in answer.err
    assert sorted(Path().iterdir()) == before


def test_a_file_is_split_and_scaled_as_asked(nnsweep, table: Path) -> None:
    words = ("--label", "kind", "--split", "0.5,0.25,0.25", "--scale", "standard")
    answer = nnsweep("data", "info", "flowers.csv", *words)
    assert "scale: standard" in answer.out
    counts = [line.split()[1:] for line in answer.out.splitlines()[-3:]]
    assert counts == [["10", "5", "5"], ["20", "10", "10"], ["30", "15", "15"]]
    train = ("train", "--data", "flowers.csv", *words, "--epochs", "1", "--save", "net.npz")
    assert nnsweep(*train).code == 0
    length = np.array([float(row["length"]) for row in rows(table.read_text())])
    with np.load("net.npz") as saved:
        assert saved["scale"][0] == pytest.approx(length.std(), rel=0.1)  # of 30 of the 60 rows


@pytest.fixture
def numbered(table: Path) -> Path:
    """Return noise in which only the row numbers tell the classes apart."""
    rng = np.random.default_rng(8)
    lines = [
        f"{row},{rng.normal():.3f},{'tall' if row < ROWS / 2 else 'dwarf'},Ann {row}"
        for row in range(ROWS)
    ]
    path = table.parent / "numbered.csv"
    path.write_text("\n".join(["Id,noise,kind,who", *lines, ""]))
    return path


NUMBERED = ("--label", "kind", "--ignore", "who")
WARNING = (
    "warning: column 'Id' has a different whole number in each row: if it numbers the rows, "
    "accuracies on this file do not hold for other rows; --ignore COLUMN leaves a column out\n"
)
SHORT = ("--set", "training.epochs=1", "--set", "training.warmup=0")
BRIEF = ("--trials", "1", "--jobs", "1", *SHORT, "--out", "out")
SMALL = ("--set", "space.mini_batch_size={choices=[5]}")


def test_a_column_that_numbers_the_rows_is_named_everywhere(nnsweep, numbered: Path) -> None:
    answer = nnsweep("data", "info", "numbered.csv", *NUMBERED)
    assert (answer.code, answer.err) == (0, WARNING)
    words = ("--data", "numbered.csv", *NUMBERED)
    assert nnsweep("train", *words, "--epochs", "1").err == WARNING
    assert nnsweep("run", *words, *BRIEF, *SMALL, "--dry-run").err == WARNING
    assert nnsweep("run", *words, *BRIEF, *SMALL).err.startswith(WARNING)
    page = html.unescape(Path("out/report.html").read_text("utf-8"))
    assert "Column 'Id' has a different whole number in each row" in page
    assert """--set 'data.ignore=["who", "Id"]' --out out-next""" in page


def test_a_column_of_an_array_that_numbers_the_rows_is_named(nnsweep, tmp_path: Path) -> None:
    y = np.arange(ROWS) % 2
    for name, first in (("whole", np.arange(ROWS)), ("twice", np.arange(ROWS) // 2)):
        np.savez(f"{name}.npz", x=np.column_stack([y, first]), y=y)
    assert nnsweep("data", "info", "twice.npz").err == ""
    warning = nnsweep("data", "info", "whole.npz").err
    assert warning.startswith("warning: column 'x[:, 1]' has a different whole number in each row")
    assert warning.endswith("; leave it out of x\n")
    np.savez("images.npz", x=np.arange(ROWS * 4).reshape(ROWS, 2, 2), y=y)
    assert nnsweep("data", "info", "images.npz").err == ""


def test_ignored_columns_are_no_inputs_from_run_to_predict(nnsweep, numbered: Path) -> None:
    words = ("--data", "numbered.csv", *NUMBERED, "--ignore", "Id")
    assert nnsweep("data", "info", "numbered.csv", *words[2:]).err == ""
    answer = nnsweep("run", *words, *BRIEF, *SMALL)
    assert (answer.code, "warning" in answer.err) == (0, False)
    assert "different whole number" not in Path("out/report.html").read_text("utf-8")
    assert tomllib.loads(Path("out/sweep.toml").read_text())["data"]["ignore"] == ["who", "Id"]
    predicted = nnsweep("predict", "out", "numbered.csv")  # the run knows what it ignores
    assert len(rows(predicted.out)) == ROWS
    noise = [row["noise"] for row in rows(numbered.read_text())]
    Path("bare.csv").write_text("\n".join(["noise", *noise, ""]))
    assert nnsweep("predict", "out", "bare.csv").out == predicted.out
    answer = nnsweep("predict", "out/best.npz", "numbered.csv", "--label", "kind")
    assert "trained on, got 'Id' too" in answer.err
    others = ("--label", "kind", "--ignore", "who", "--ignore", "Id")
    assert nnsweep("predict", "out/best.npz", "numbered.csv", *others).out == predicted.out
    answer = nnsweep("run", *words[:-2], *BRIEF, *SMALL)
    assert answer.code == 2
    assert "whose settings differ in `data.ignore`" in answer.err


SWEEP = """
[sweep]
name = "flowers"
[data]
name = "flowers.csv"
label = "kind"
split = [0.5, 0.25, 0.25]
scale = "standard"
[training]
mini_batch_size = 5
[space]
learning_rate = { low = 0.1, high = 1.0 }
"""


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["digits"], {"name": "digits"}),
        (["dots.npz"], {"name": "dots.npz", "split": [0.5, 0.25, 0.25], "scale": "standard"}),
        (
            ["dots.npz", "--set", "data.scale=none"],
            {"name": "dots.npz", "split": [0.5, 0.25, 0.25], "scale": "none"},
        ),
        (
            ["flowers.csv", "--label", "kind"],
            {
                "name": "flowers.csv",
                "label": "kind",
                "split": [0.5, 0.25, 0.25],
                "scale": "standard",
            },
        ),
    ],
    ids=str,
)
def test_other_data_take_the_place_of_the_whole_table(
    nnsweep, table: Path, images: Path, words: list[str], expected: dict[str, object]
) -> None:
    Path("u.toml").write_text(SWEEP)
    assert nnsweep("run", "u.toml", "--data", *words, *BRIEF).code == 0
    assert tomllib.loads(Path("out/sweep.toml").read_text())["data"] == expected


def test_the_label_of_one_table_is_not_that_of_another(nnsweep, table: Path) -> None:
    Path("u.toml").write_text(SWEEP)
    Path("other.csv").write_text("length,sort\n")
    answer = nnsweep("run", "u.toml", "--data", "other.csv")
    assert (answer.code, answer.out) == (2, "")
    assert "`--label` must name the column of classes in `other.csv`" in answer.err


@pytest.mark.parametrize("words", [["data", "info"], ["train", "--data"], ["run", "--data"]])
def test_a_table_without_a_label_is_told_its_columns(
    nnsweep, table: Path, words: list[str]
) -> None:
    Path("iris.csv").write_text("petal,sepal width,a kind\n1,2,p\n")
    answer = nnsweep(*words, "iris.csv")
    assert (answer.code, answer.out) == (2, "")
    assert answer.err == (
        "nnsweep: `--label` must name the column of classes in `iris.csv`, "
        "for example --label 'a kind', or `--target` numbers to predict; "
        "its columns: petal, sepal width, a kind\n"
    )


def test_the_label_may_be_a_setting(nnsweep, table: Path) -> None:
    by_option = nnsweep("data", "info", "flowers.csv", "--label", "kind")
    by_setting = nnsweep("data", "info", "flowers.csv", "--set", "data.label=kind")
    assert (by_setting.code, by_setting.err) == (0, "")
    assert by_setting.out == by_option.out
    one = (*SMALL, *BRIEF)
    assert nnsweep("run", "--data", "flowers.csv", "--set", "data.label=kind", *one).code == 0
    assert tomllib.loads(Path("out/sweep.toml").read_text())["data"]["label"] == "kind"
    by_option = nnsweep("predict", "out/best.npz", "flowers.csv", "--label", "kind")
    by_setting = nnsweep("predict", "out/best.npz", "flowers.csv", "--set", "data.label=kind")
    assert (by_setting.code, by_setting.err) == (0, "")
    assert by_setting.out == by_option.out


def test_a_sweep_file_without_a_label_is_told_the_columns(nnsweep, table: Path) -> None:
    Path("u.toml").write_text(SWEEP.replace('label = "kind"\n', "header = false\n"))
    Path("flowers.csv").write_text("5.1,red\n5.2,blue\n")
    answer = nnsweep("run", "u.toml")
    assert (answer.code, answer.out) == (2, "")
    assert answer.err == (
        "nnsweep: `--label` must name the column of classes in `flowers.csv`, "
        "for example --label 1, or `--target` numbers to predict; its columns: 0, 1\n"
    )


@pytest.mark.parametrize(("file", "option"), [("flowers.csv", " --label COLUMN"), ("a b.npz", "")])
def test_a_data_file_in_place_of_a_sweep_file_is_told_its_option(
    nnsweep, table: Path, file: str, option: str
) -> None:
    answer = nnsweep("run", file)
    assert (answer.code, answer.out) == (2, "")
    typed = "'a b.npz'" if " " in file else file
    assert f"sweep file {file} must be TOML, got a data file; " in answer.err
    assert f"`nnsweep run --data {typed}{option}`" in answer.err


def test_a_word_among_numbers_is_refused_with_the_setting_that_accepts_it(
    nnsweep, table: Path
) -> None:
    table.write_text(table.read_text() + "1,tall,wide\n")
    info = ("data", "info", "flowers.csv", "--label", "kind")
    assert nnsweep(*info).err == (
        f"nnsweep: `{table}` line 62, column 'width' must be a finite number, got 'wide'; "
        "`data.categories` = ['width'] takes the column as text\n"
    )
    answer = nnsweep(*info, "--set", "data.categories=['width']")
    assert (answer.code, answer.err) == (0, "")
    assert "width  category" in answer.out


@pytest.fixture
def houses(tmp_path: Path) -> Path:
    """Return a table as people have it: semicolons, decimal commas, text, dates and empty cells."""
    rng = np.random.default_rng(5)
    lines = ["Ort;Größe;Verkauft;Art;Garten;Nr;Preis"]
    for row in range(ROWS):
        size = rng.uniform(40, 200)
        place, kind = ("Köln", "Bonn", "Aachen")[row % 3], ("Haus", "Wohnung", "")[row % 3]
        garden = ("yes", "no")[row % 2]
        shown = "" if row % 9 == 4 else f"{size:.1f}".replace(".", ",")
        day = f"{1 + row % 28:02}.{1 + row % 12:02}.202{row % 5}"
        price = "teuer" if size > 120 else "billig"
        lines.append(f"{place};{shown};{day};{kind};{garden};Haus {row};{price}")
    path = tmp_path / "houses.csv"
    path.write_bytes("\r\n".join([*lines, ""]).encode("cp1252"))
    return path


def test_a_table_of_text_dates_and_gaps_needs_no_setting(nnsweep, houses: Path) -> None:
    info = nnsweep("data", "info", "houses.csv", "--label", "Preis")
    assert "table: separator ';', decimal ',', cp1252\n" in info.out
    kinds = {line.split()[0]: line.split()[1:] for line in info.out.splitlines() if line}
    assert kinds["Größe"][0::2] == ["number", "7"]  # every ninth of the 60 rows from the fifth on
    assert kinds["Ort"] == ["category", "3", "0", "3"]
    assert kinds["Art"] == ["category", "2", "20", "3"]
    assert kinds["Verkauft"][0::3] == ["date", "3"]
    assert kinds["Garten"] == ["boolean", "2", "0", "1"]
    assert kinds["Nr"] == ["identifier", "60", "0", "0"]
    names = [line for line in info.out.splitlines() if line.startswith("inputs of ")]
    assert "inputs of 'Art': Art = (empty), Art = Haus, Art = Wohnung" in names
    assert "inputs of 'Verkauft': Verkauft: year, Verkauft: month, Verkauft: day of week" in names
    assert len(names) == 3
    left_out, gaps = info.err.splitlines()
    assert left_out == "warning: left out, because there is a different text in each row: Nr"
    assert gaps.startswith("warning: empty cells became the mean of their column: Größe (7); ")
    words = ("--data", "houses.csv", "--label", "Preis")
    answer = nnsweep("run", *words, *BRIEF, *SMALL)
    assert answer.code == 0
    predicted = rows(nnsweep("predict", "out", "houses.csv").out)
    assert [row["class"] in ("teuer", "billig") for row in predicted] == [True] * ROWS
    head, *lines = houses.read_text("cp1252").splitlines()
    turned = [";".join(reversed(line.split(";")[:5])) for line in [head, *lines]]  # no Nr, no label
    Path("new.csv").write_text("\n".join(turned), encoding="utf-8")
    assert rows(nnsweep("predict", "out", "new.csv").out) == predicted
    Path("odd.csv").write_text("\n".join([turned[0], "maybe;Zelt;01.01.2020;50,5;Köln"]))
    refused = nnsweep("predict", "out", "odd.csv")
    assert (refused.code, refused.out) == (2, "")
    assert "line 2, column 'Garten' must be no or yes, got 'maybe'" in refused.err


def test_settings_of_a_table_are_given_to_each_command(nnsweep, houses: Path) -> None:
    table = ("houses.csv", "--label", "Preis")
    refuse = ("--set", "data.missing=refuse")
    for words in (["data", "info", *table], ["train", "--data", *table]):
        answer = nnsweep(*words, *refuse)
        assert (answer.code, answer.out) == (2, "")
        assert "line 6, column 'Größe' must not be empty, got ''; `data.missing` = " in answer.err
    marked = nnsweep("data", "info", *table, "--set", "data.missing=indicator")
    assert "inputs: 12 features\n" in marked.out  # 3 + 2 + 3 + 3 + 1
    assert "empty cells" not in marked.err
    other = nnsweep("data", "info", *table, "--set", "training.epochs=3")
    assert other.err == "nnsweep: `--set` must be data.KEY=VALUE here, got 'training.epochs=3'\n"


@pytest.fixture
def flower_run(nnsweep, table: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder `work`, in which `runs/flowers` was made from `flowers.csv`.

    Reports have only the figure that needs the data.
    """
    monkeypatch.setattr("results.figures.catalogue.FIGURES", {"confusion": draw_confusion})
    work = table.parent / "work"
    work.mkdir()
    table.rename(work / "flowers.csv")
    os.chdir(work)
    settings = ("--set", "training.epochs=3", "--set", "space.mini_batch_size.choices=[5, 10]")
    answer = nnsweep("run", *FLOWERS, *settings, "--trials", "3", "--out", "runs/flowers")
    assert answer.code == 0, answer.err
    return work


def confusion(run: Path) -> Path:
    return run / "figures" / "confusion.svg"


@pytest.mark.parametrize("move", ["nothing", "everything", "the run", "the data, changed"])
def test_report_and_confirm_find_the_data_file_from_anywhere(
    move: str, nnsweep, flower_run: Path, with_figures: None, tmp_path: Path, caplog
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    run = flower_run / "runs" / "flowers"
    if move == "everything":
        run = flower_run.rename(tmp_path / "moved") / "runs" / "flowers"
    elif move == "the run":
        run = run.rename(tmp_path / "flowers")
    elif move == "the data, changed":  # a file of this name that is another one
        (elsewhere / "flowers.csv").write_text(
            (flower_run / "flowers.csv").read_text() + "1,tall,2\n"
        )
    os.chdir(elsewhere)
    confusion(run).unlink(missing_ok=True)
    answer = nnsweep("report", run)
    assert answer.code == 0
    assert confusion(run).exists()
    assert not caplog.records
    answer = nnsweep("confirm", run, "--top", "1", "--seeds", "2")
    assert answer.code == 0, answer.err
    # the same command resumes it from here too, and a run of its sweep file trains on the same data
    more = nnsweep("run", run / "sweep.toml", "--trials", "4", "--out", run)
    assert more.code == 0, more.err
    other = nnsweep("run", run / "sweep.toml", "--trials", "1", "--out", "new")
    assert other.code == 0, other.err


def test_a_data_file_that_is_gone_is_said_by_report_and_confirm(
    nnsweep, flower_run: Path, with_figures: None, tmp_path: Path, caplog
) -> None:
    (flower_run / "flowers.csv").unlink()
    run = flower_run / "runs" / "flowers"
    os.chdir(tmp_path)
    assert nnsweep("report", run).code == 0
    (record,) = caplog.records
    gone = f"data file `{flower_run / 'flowers.csv'}` must be readable, got: No such file"
    assert record.getMessage().startswith(
        f"the report lacks the figures of the best network: {gone}"
    )
    assert not confusion(run).exists()
    answer = nnsweep("confirm", run)
    assert answer.code == 2
    assert answer.err.startswith(f"nnsweep: {gone}")
    assert len(answer.err.splitlines()) == 1


def test_a_lost_best_network_is_said_with_its_remedy_and_made_again(
    nnsweep, flower_run: Path
) -> None:
    best, words = Path("runs/flowers/best.npz"), ("predict", "runs/flowers", "flowers.csv")
    before = nnsweep(*words).out
    best.write_bytes(best.read_bytes()[:-50])
    remedy = "; the same `nnsweep run` command makes it again"
    for reason in ("complete .npz file", "must be a run folder with best.npz"):
        answer = nnsweep(*words)
        assert answer.code == 2
        (line,) = answer.err.splitlines()
        assert reason in line
        assert line.endswith(remedy)
        best.unlink(missing_ok=True)
    again = nnsweep("run", "runs/flowers/sweep.toml", "--out", "runs/flowers")
    assert again.code == 0
    assert "best.npz is missing or damaged: trial " in again.err
    assert nnsweep(*words).out == before


def test_the_help_names_every_kind_of_file(nnsweep) -> None:
    assert f"your own {FILE_KINDS} file" == OWN_FILE
    for words in (["run"], ["train"], ["data", "info"]):
        assert OWN_FILE in " ".join(nnsweep(*words, "--help").out.split())
