"""The studies, one short module of data each; `STUDIES` is the catalogue, in the book's order.

To add a study, write a module with a `STUDY` in its section's folder and list it here; tests and
commands then include it.
"""

from experiments.chapter3.studies.costs import cost_functions, single_neuron, softmax
from experiments.chapter3.studies.foundations import descent, gradient_check, perceptron
from experiments.chapter3.studies.hyperparameters import (
    broad_strategy,
    early_stopping,
    learning_rates,
    mini_batch,
    schedule,
    search_methods,
)
from experiments.chapter3.studies.overfitting import (
    dropout,
    expansion,
    l1_l2,
    more_data,
    overfitting,
    overfitting_full,
    regularization,
    restarts,
)
from experiments.chapter3.studies.techniques import activations, momentum, weight_init

STUDIES = {
    module.STUDY.name: module.STUDY
    for module in (
        perceptron,
        descent,
        gradient_check,
        single_neuron,
        cost_functions,
        softmax,
        overfitting,
        overfitting_full,
        regularization,
        restarts,
        l1_l2,
        dropout,
        expansion,
        more_data,
        weight_init,
        learning_rates,
        broad_strategy,
        early_stopping,
        schedule,
        mini_batch,
        momentum,
        activations,
        search_methods,
    )
}
"""Every study by its name."""
