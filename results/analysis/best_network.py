"""The shipped network on validation data: its outputs, confusions, worst mistakes, and units.

It is the certified ensemble of a run, or the best network of a run that was not confirmed.

Nothing here sees the test set.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nncore.components.metrics import ACCURACY, Metric
from nncore.datasets import DataSet, dataset_info, load_dataset
from nncore.errors import InputError
from nncore.model import Ensemble, Model
from nncore.model_file import load_model
from nncore.network import Network
from results.analysis.trials import best_trial
from results.analysis.uncertainty import bootstrap_rng, example_error
from results.frames import Run
from sweeps.records.confirmation_record import ConfirmationRecord
from sweeps.records.data_file import find_data
from sweeps.records.environment_record import EnvironmentRecord
from sweeps.records.file_names import BEST_MODEL, ENVIRONMENT
from sweeps.records.record_format import read_if_there
from sweeps.training_data import fresh_split, replicate_0_data

Integers = NDArray[np.int64]
Images = NDArray[np.float64]

MOST_RESAMPLED = 2_000  # examples; 200 areas under the curve of 10,000 take 8 seconds
NO_WEIGHTS = "no weights have been saved yet"
MADE_AGAIN = "resuming the run makes it again"
CONFIRMED_AGAIN = "`nnsweep confirm` makes it again"


@dataclass(frozen=True, eq=False)
class Scored:
    """The shipped network on validation data: its `outputs`, `(m, n_out)`, and what was true.

    `labels` and `predicted`, `(m,)`, are indices into the classes of `dataset`; for regression,
    targets and predictions, `(m, k)`, in the units of the targets.
    """

    dataset: DataSet
    model: Model | Ensemble
    outputs: NDArray[Any]

    @property
    def networks(self) -> list[Network]:
        """The networks that answer together, or the only one."""
        models = self.model.models if isinstance(self.model, Ensemble) else (self.model,)
        return [model.network for model in models]

    @property
    def labels(self) -> Integers:
        """The true class, or the targets, of each validation example."""
        return self.dataset.validation.labels

    @property
    def predicted(self) -> Integers:
        """The class with the largest output, of each validation example."""
        predicted: Integers = self.outputs.argmax(axis=1)
        return predicted

    @property
    def accuracy(self) -> float:
        """The fraction of validation examples that are classified correctly."""
        return float((self.labels == self.predicted).mean())


def score_shipped(run: Run, certified: ConfirmationRecord | None = None) -> Scored | str:
    """Return the run's shipped network on its validation data, or a sentence that says why not.

    They are validation rows that the network was not trained on: those of fold 0 for the best
    network of a sweep with folds, those of the ordinary split for networks confirmed on fresh
    seeds. Networks confirmed on fresh splits have no such rows in common, so the first of them is
    taken, on the validation rows of its own split. Nothing is fetched for it: a data set of the
    catalogue must be stored here.
    """
    if not certified and not (run.folder / BEST_MODEL).exists():
        learned = best_trial(run.trials) is not None
        return f"{BEST_MODEL} is missing; {MADE_AGAIN}" if learned else NO_WEIGHTS
    try:
        model = load_model(run.folder)
    except InputError as error:
        return f"{error}; {CONFIRMED_AGAIN if certified else MADE_AGAIN}"
    try:
        source = find_data(run.folder, run.config.data.source)
        if not source.is_file and not dataset_info(source.name).cached:
            return f"the data set {source.name} is not stored on this computer"
        whole = load_dataset(source, verify=False)
        part = whole.source if certified else replicate_0_data(run.config, whole.source)
        if certified and certified.splits:
            part = fresh_split(whole.source, _first_that_learned(certified))
            model = model.models[0] if isinstance(model, Ensemble) else model
        dataset = load_dataset(part, verify=False)
        known = read_if_there(EnvironmentRecord, run.folder / ENVIRONMENT)
    except InputError as error:
        return str(error)
    if known and known.data.sha256 != whole.sha256:
        return "the data have changed since the run"
    targets = (dataset.targets and dataset.targets.names) or ()
    known_outputs = (model.n_in, len(model.classes), model.target_names)
    if known_outputs != (dataset.n_in, len(dataset.classes), targets):
        return "the saved weights do not fit the data"
    return Scored(dataset, model, model.outputs(dataset.validation.x, dataset.scaling))


def _first_that_learned(record: ConfirmationRecord) -> int:
    """Return the seed of the first network that learned."""
    pairs = zip(record.seeds, record.test_set.values, strict=True)
    return next(seed for seed, value in pairs if record.learned(value))


def error_over_examples(scored: Scored, metric: Metric) -> float:
    """Return the standard error of the network's value over validation examples.

    That of an accuracy is binomial, with two mistakes and two correct answers added: it is not 0
    if all answers are correct. Source: Agresti & Coull, 1998. Others are bootstrapped; of many
    examples a part of each class is drawn from, because an error falls with the root of their
    number.
    """
    labels, outputs = scored.labels, scored.outputs
    if metric is ACCURACY:
        m = len(labels) + 4
        share = (float((labels == scored.predicted).sum()) + 2) / m
        return math.sqrt(share * (1 - share) / m)
    step = max(1, len(labels) // MOST_RESAMPLED)
    order = np.arange(len(labels)) if metric.regression else np.argsort(labels, kind="stable")
    part = order[::step]
    error = example_error(
        lambda rows: metric.compute(outputs[part[rows]], labels[part[rows]]),
        len(part),
        bootstrap_rng(),
        strata=labels[part] if metric.needs_every_class else None,
    )
    return error * math.sqrt(len(part) / len(labels)) if len(part) else math.nan


def constant_value(scored: Scored, metric: Metric) -> float:
    """Return what a constant answer reaches on the validation rows.

    It is the shares of the classes in the training rows, or the means of the targets there.
    """
    train, dataset = scored.dataset.train.labels, scored.dataset
    if dataset.targets is None:
        counts = np.bincount(train, minlength=len(dataset.classes))
        answer = counts / counts.sum()
    else:
        answer = train.mean(axis=0)
    return metric.compute(np.tile(answer, (len(scored.labels), 1)), scored.labels)


def confusion(labels: Integers, predicted: Integers, classes: int) -> Integers:
    """Return how often each true class, by row, was taken for each class, by column."""
    pairs = np.bincount(labels * classes + predicted, minlength=classes**2)
    return pairs.reshape(classes, classes).astype("int64")


def worst_mistakes(outputs: NDArray[Any], labels: Integers, most: int) -> Integers:
    """Return the examples that are most wrongly classified, the worst first.

    How wrong is how far the largest output lies above that of the true class.
    """
    lead = outputs.max(axis=1) - outputs[np.arange(len(labels)), labels]
    wrong = np.flatnonzero(outputs.argmax(axis=1) != labels)
    return wrong[np.argsort(-lead[wrong], kind="stable")][:most]


def unit_images(network: Network, shape: tuple[int, int], most: int) -> Images:
    """Return the weights into hidden units as `(n, h, w)`, those with most effect first.

    A unit's effect is the length of its vector of weights to the next layer.
    """
    incoming = network.weights[0].astype(np.float64)
    effects = [np.linalg.norm(weights, axis=1) for weights in network.weights[1:2]]
    effect = effects[0] if effects else np.ones(incoming.shape[1])
    chosen = np.argsort(-effect, kind="stable")[:most]
    return incoming.T[chosen].reshape(-1, *shape)
