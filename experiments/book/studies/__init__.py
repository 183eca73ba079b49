"""The studies, one short module of data each; `STUDIES` is the catalogue, in the book's order.

To add a study, write a module with a `STUDY` in its chapter's folder and list it here; tests and
commands then include it.
"""

from experiments.book.studies.chapter1 import (
    baselines,
    bits,
    descent,
    extreme_rates,
    first_network,
    no_hidden_layer,
    perceptron,
)
from experiments.book.studies.chapter2 import equations, gradient_check, matrix_form
from experiments.book.studies.chapter3.costs import cost_functions, single_neuron, softmax
from experiments.book.studies.chapter3.hyperparameters import (
    broad_strategy,
    early_stopping,
    learning_rates,
    mini_batch,
    schedule,
    search_methods,
    stopping_rules,
)
from experiments.book.studies.chapter3.overfitting import (
    dropout,
    expansion,
    l1_l2,
    more_data,
    overfitting,
    overfitting_full,
    regularization,
    restarts,
)
from experiments.book.studies.chapter3.techniques import activations, momentum, weight_init
from experiments.book.study import Study


def _by_name(*studies: Study) -> dict[str, Study]:
    return {study.name: study for study in studies}


CHAPTERS = {
    "chapter1": _by_name(
        perceptron.STUDY,
        bits.STUDY,
        descent.STUDY,
        first_network.STUDY,
        extreme_rates.STUDY,
        no_hidden_layer.STUDY,
        baselines.STUDY,
    ),
    "chapter2": _by_name(equations.STUDY, gradient_check.STUDY, matrix_form.STUDY),
    "chapter3": _by_name(
        single_neuron.STUDY,
        cost_functions.STUDY,
        softmax.STUDY,
        overfitting.STUDY,
        overfitting_full.STUDY,
        regularization.STUDY,
        restarts.STUDY,
        l1_l2.STUDY,
        dropout.STUDY,
        expansion.STUDY,
        more_data.STUDY,
        weight_init.STUDY,
        learning_rates.STUDY,
        broad_strategy.STUDY,
        early_stopping.STUDY,
        stopping_rules.STUDY,
        schedule.STUDY,
        mini_batch.STUDY,
        momentum.STUDY,
        activations.STUDY,
        search_methods.STUDY,
    ),
}
"""The studies of each chapter by their names; a command may name a whole chapter."""

STUDIES = {name: study for studies in CHAPTERS.values() for name, study in studies.items()}
"""Every study by its name."""
