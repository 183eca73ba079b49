"""Wrong input gets one line and exit code 2, and writes nothing."""

import gzip
from pathlib import Path

import pytest

QUICK = ("--data", "digits", "--set", "training.epochs=1", "--trials", "2", "--jobs", "1")


def contents(folder: Path) -> dict[str, bytes | None]:
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in folder.rglob("*")
    }


def refused(nnsweep, folder: Path, *words: object) -> str:
    """Run the command, check that it refuses without writing, and return its line."""
    before = contents(folder)
    answer = nnsweep(*words)
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith("nnsweep: ")
    assert answer.err.endswith("\n")
    assert answer.err.count("\n") == 1
    assert contents(folder) == before
    return answer.err


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ("training.epoch=3", "did you mean `epochs`?"),
        ("sweep.trails=3", "did you mean `sweep.trials`?"),
        ("space.lmbda={low=3, high=3}", "`space.lmbda` must have low < high"),
        ("space.lmbda={low=0, high=3, log=true}", "must have low > 0 if log = true"),
        ("space.lmbda={low=-1, high=3, log=true}", "must have low > 0 if log = true"),
        ("space.foo=3", "unknown hyperparameter `foo`; known: activation, beta1, beta2,"),
        ("space.lmbda=3", "`space.lmbda` must be { low, high } or { choices }, got 3"),
        ("space.cost={choices=['log-likelihood']}", "must be paired with `output` 'softmax'"),
        ("space.mini_batch_size={choices=[5, 5000]}", "`mini_batch_size` must be <= 3500"),
        ("sweep.name=../up", "`sweep.name` must consist of letters, digits"),
        ("sweep.name=/tmp/up", "`sweep.name` must consist of letters, digits"),
        ("data.name=../digits", "unknown data set `../digits`; did you mean `digits`?"),
        ("space.lmbda={low=1e-40, high=1, log=true}", "must have low >= 1e-30"),
        ("space.lmbda={choices=[1, 1.0]}", "must have distinct choices"),
        ("space.hidden_units={low=1, high=100000000000000000000000}", "whole number <= 1000000000"),
        ("space.lmbda={choices=[[30]]}", "must have numbers, texts or booleans as choices"),
        ("data.name=mnsit", "unknown data set `mnsit`; did you mean `mnist`?"),
    ],
)
def test_a_sweep_that_cannot_be(nnsweep, tmp_path: Path, setting: str, expected: str) -> None:
    assert expected in refused(nnsweep, tmp_path, "run", "--set", setting)


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        (["run", "--set", "training.lmbda=" + "[" * 1000 + "]" * 1000], "`training.lmbda`: arrays"),
        (["run", "--set", "training.lmbda=" + "9" * 5000], "a whole number must have fewer digits"),
        (["run", "--set", "training.lmbda=1e400"], "`lmbda` must be a number <= 1e+30, got inf"),
        (["run", "--set", "x" * 5000], "`--set` must be SECTION.KEY=VALUE, got"),
        (["run", "--data", "\udcff.csv", "--label", "a"], "texts must be Unicode"),
        (["run", "--data", "x" * 5000], "known: diabetes, digits"),
        (["run", "x" * 5000], "must be readable: File name too long"),
        (["run", "--jobs", "9" * 400], "`--jobs` must be <= 1000"),
        (["run", "--" + "x" * 5000], "see `nnsweep run -h`"),
        (["x" * 5000], "No such command"),
        (["train", "--epochs", "9" * 5000], "see `nnsweep train -h`"),
        (["train", "--hidden", "1," * 5000], "`--hidden` must be widths"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_message_is_short_whatever_the_input(
    nnsweep, tmp_path: Path, words: list[str], kept: str
) -> None:
    message = refused(nnsweep, tmp_path, *words)
    assert kept in message
    assert len(message) <= 500


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["run", "none.toml"], "sweep file none.toml must be readable"),
        (["run", "--trials", "0"], "`sweep.trials` must be greater than or equal to 1"),
        (["run", "--jobs", "0"], "`--jobs` must be a whole number >= 1, got 0"),
        (["book", "run", "restarts", "--jobs", "0"], "`--jobs` must be a whole number >= 1"),
        (["book", "replay", "overfitting", "--jobs", "0"], "`--jobs` must be a whole number"),
        (
            ["run", "--trials", "many"],
            "`--trials` must be a whole number, got 'many'; see `nnsweep run",
        ),
        (
            ["train", "--lmbda", "x"],
            "`--lmbda` must be a number, got 'x'; see `nnsweep train -h`",
        ),
        (["show"], "Missing argument 'RUN'; see `nnsweep show -h`"),
        (["show", "run", "--top", "0"], "`--top` must be a whole number >= 1, got 0"),
        (["run", "--tirals", "3"], "--trials); see `nnsweep run -h`"),
        (["rnu"], "Did you mean 'run'?"),
        (["show", "nowhere"], "must be a run folder"),
        (["train", "--learning-rate", "0"], "`learning_rate` must be a number > 0, got 0.0"),
        (["train", "--lmbda", "-1"], "`lmbda` must be a number >= 0, got -1.0"),
        (
            ["train", "--hidden", "30,x"],
            "`--hidden` must be widths, for example 100,30, or none, got '30,x'",
        ),
        (
            ["train", "--hidden", ","],
            "`--hidden` must be widths, for example 100,30, or none, got ','",
        ),
        (
            ["train", "--hidden", ""],
            "`--hidden` must be widths, for example 100,30, or none, got ''",
        ),
        (["run", "--out", "x" * 300], "must be readable: File name too long"),
        (["train", "--save", "."], "`--save` must be a new or existing file"),
        (["train", "--hidden", "0"], "`hidden_units` must be a whole number >= 1, got 0"),
        (["train", "--cost", "cross-entorpy"], "did you mean `cross-entropy`?"),
        (["train", "--cost", "log-likelihood"], "must be paired with `output` 'softmax'"),
        (["train", "--activation", "softmax"], "unknown `activation` `softmax`"),
        (["train", "--mini-batch-size", "3501"], "`mini_batch_size` must be <= 3500"),
        (["train", "--seed", "-1"], "`--seed` must be a whole number >= 0, got -1"),
        (["train", "--data", "nmist"], "did you mean `mnist`?"),
        (["data", "info", "digit"], "did you mean `digits`?"),
        (["data", "fetch", "a/b"], "unknown data set `a/b`"),
    ],
)
def test_a_command_that_cannot_be(nnsweep, tmp_path: Path, words: list[str], expected: str) -> None:
    assert expected in refused(nnsweep, tmp_path, *words)


def test_an_unwritable_folder(nnsweep, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    for out in (tmp_path / "file", tmp_path / "file" / "run", Path("/proc/run")):
        line = refused(nnsweep, tmp_path, "run", *QUICK, "--out", out)
        assert f"run folder {out} must be" in line


def test_another_config_on_an_existing_run(nnsweep, tmp_path: Path) -> None:
    assert nnsweep("run", *QUICK, "--out", "run").code == 0
    line = refused(nnsweep, tmp_path, "run", *QUICK, "--out", "run", "--set", "sweep.seed=5")
    assert "settings differ in `sweep.seed`" in line
    assert "--out" in line


def test_fewer_trials_than_there_are(nnsweep, tmp_path: Path) -> None:
    assert nnsweep("run", *QUICK, "--out", "run").code == 0
    before = contents(tmp_path / "run")
    answer = nnsweep("run", *QUICK, "--out", "run", "--trials", "1")
    assert answer.code == 2
    assert "`sweep.trials` must be >= 2" in answer.err
    assert contents(tmp_path / "run") == before


@pytest.fixture
def mnist_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the folder where the user's MNIST is looked for, and an empty cache."""
    monkeypatch.setenv("NNSWEEP_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("NNSWEEP_CACHE_DIR", str(tmp_path / "cache"))
    folder = tmp_path / "data" / "mnist"
    folder.mkdir(parents=True)
    return folder


def test_data_with_the_wrong_checksum(nnsweep, tmp_path: Path, mnist_folder: Path) -> None:
    size = 16 + 60_000 * 784
    (mnist_folder / "train-images-idx3-ubyte.gz").write_bytes(gzip.compress(bytes(size)))
    line = refused(nnsweep, tmp_path, "run", "--data", "mnist")
    assert "train-images-idx3-ubyte.gz" in line
    assert "SHA-256" in line


def test_truncated_data(nnsweep, tmp_path: Path, mnist_folder: Path) -> None:
    whole = gzip.compress(bytes(100_000), mtime=0)
    (mnist_folder / "train-images-idx3-ubyte.gz").write_bytes(whole[: len(whole) // 2])
    line = refused(nnsweep, tmp_path, "train", "--data", "mnist")
    assert "train-images-idx3-ubyte.gz" in line


def test_missing_data_that_cannot_be_fetched(
    nnsweep, tmp_path: Path, mnist_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from nncore.datasets import catalogue
    from nncore.datasets.published import mnist

    nowhere = ("http://127.0.0.1:9/",)  # the discard port, where nothing answers
    entry = catalogue.CATALOGUE["mnist"]
    monkeypatch.setitem(
        catalogue.CATALOGUE,
        "mnist",
        type(entry)(**{**vars(entry), "build": lambda: mnist.build_mnist(nowhere)}),
    )
    line = refused(nnsweep, tmp_path, "run", "--data", "mnist")
    assert "$NNSWEEP_DATA_DIR/mnist" in line


@pytest.mark.parametrize(
    ("setting", "meant"),
    [
        ("trials=3", "sweep.trials"),
        ("epochs=3", "training.epochs"),
        ("label=kind", "data.label"),
        ("learning_rat=3", "training.learning_rate"),
        ("data.epochs=3", "training.epochs"),
        ("space.lrate={low=1, high=2}", "learning_rate"),
        ("space.epoch_count={low=1, high=2}", "epochs"),
        ("training.rate_of_learning=1", "learning_rate"),
        ("pruner.warmup_step=1", "pruner.n_warmup_steps"),
    ],
)
def test_the_nearest_key_is_named(nnsweep, tmp_path: Path, setting: str, meant: str) -> None:
    words = ["--set", "sweep.pruner=median", "--set", setting]
    assert refused(nnsweep, tmp_path, "run", *words).endswith(f"did you mean `{meant}`?\n")
