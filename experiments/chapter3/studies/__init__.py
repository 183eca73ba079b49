"""The studies, one short module of data each; `STUDIES` is the catalogue, in the book's order.

A new one is a module with a `STUDY`, named here: the tests and the commands find it by itself.
"""

from experiments.chapter3.studies import (
    activations,
    broad_strategy,
    cost_functions,
    descent,
    dropout,
    early_stopping,
    expansion,
    gradient_check,
    l1_l2,
    learning_rates,
    mini_batch,
    momentum,
    more_data,
    overfitting,
    overfitting_full,
    perceptron,
    regularization,
    restarts,
    schedule,
    search_methods,
    single_neuron,
    softmax,
    weight_init,
)

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
        *([search_methods] if search_methods.READY else []),
    )
}
"""Every study by its name."""
