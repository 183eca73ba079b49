"""The spread of validation accuracies over seeds alone, and over fresh splits and seeds.

`python -m benchmarks.splits` trains three configurations on the breast cancer data of scikit-learn,
each so many times on the ordinary split and on fresh splits, as `nnsweep confirm` does without and
with `--splits`. It prints means and standard deviations, in percent.
"""

import argparse
import csv
from pathlib import Path
from statistics import fmean, stdev
from tempfile import TemporaryDirectory

from sklearn.datasets import load_breast_cancer

from nncore.config import TrialConfig
from nncore.datasets import DataSet, DataSource, load_dataset
from sweeps.confirmation import FRESH
from sweeps.training_data import fresh_splits
from sweeps.trial import evaluate

CONFIGS = [
    TrialConfig(learning_rate=0.1, mini_batch_size=10, hidden_units=(20,), epochs=30),
    TrialConfig(learning_rate=0.5, mini_batch_size=10, hidden_units=(30,), epochs=30),
    TrialConfig(learning_rate=0.3, mini_batch_size=20, hidden_units=(50,), epochs=30),
]


def breast_cancer(folder: Path) -> DataSet:
    """Return scikit-learn's 569 rows in two classes, as a user's file in `folder`."""
    bunch = load_breast_cancer()
    names = bunch.target_names[bunch.target]
    with (folder / "breast-cancer.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*bunch.feature_names, "diagnosis"])
        writer.writerows([*x, name] for x, name in zip(bunch.data.tolist(), names, strict=True))
    return load_dataset(DataSource(file.name, label="diagnosis", scale="standard"))


def values(config: TrialConfig, datasets: list[DataSet]) -> list[float]:
    """Return the best validation accuracy of a network on each data set, with fresh seeds."""
    outcomes = [evaluate(config, one, [(1, FRESH + k)]) for k, one in enumerate(datasets)]
    return [outcome.value or 0.0 for outcome in outcomes]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--networks", type=int, default=40, help="of each configuration and kind")
    count = parser.parse_args().networks
    with TemporaryDirectory() as folder:
        dataset = breast_cancer(Path(folder))
        splits = fresh_splits(dataset, count)
        print("| learning rate | seeds: mean | std | splits and seeds: mean | std | ratio |")
        print("|---|---|---|---|---|---|")
        for config in CONFIGS:
            cells = []
            for datasets in ([dataset] * count, splits):
                found = values(config, datasets)
                cells += [100 * fmean(found), 100 * stdev(found)]
            shown = " | ".join(f"{cell:.2f}" for cell in cells)
            print(f"| {config.learning_rate} | {shown} | {cells[3] / cells[1]:.1f} |")


if __name__ == "__main__":
    main()
