"""The words of Optuna, W&B, scikit-learn, Keras and Ray Tune for the keys of a sweep file.

The message on an unknown key suggests the key that such a word means.
"""

from collections.abc import Collection

from nncore.errors import InputError, unknown

SETTINGS = {
    # one training run
    "alpha": "lmbda",
    "lambda": "lmbda",
    "l2": "lmbda",
    "l2_regularization": "lmbda",
    "weight_decay": "lmbda",
    "penalty": "regularizer",
    "kernel_regularizer": "regularizer",
    "batch": "mini_batch_size",
    "batch_size": "mini_batch_size",
    "batchsize": "mini_batch_size",
    "lr": "learning_rate",
    "eta": "learning_rate",
    "eta0": "learning_rate",
    "learning_rate_init": "learning_rate",
    "max_iter": "epochs",
    "max_epochs": "epochs",
    "n_epochs": "epochs",
    "num_epochs": "epochs",
    "nb_epoch": "epochs",
    "hidden": "hidden_units",
    "hidden_size": "hidden_units",
    "hidden_sizes": "hidden_units",
    "hidden_layer_sizes": "hidden_units",
    "n_units": "hidden_units",
    "num_units": "hidden_units",
    "units": "hidden_units",
    "layers": "hidden_layers",
    "n_layers": "hidden_layers",
    "num_layers": "hidden_layers",
    "loss": "cost",
    "criterion": "cost",
    "class_weights": "class_weight",
    "auto_class_weights": "class_weight",
    "balance_classes": "class_weight",
    "is_unbalance": "class_weight",
    "pos_weight": "class_weight",
    "sample_weight": "class_weight",
    "scale_pos_weight": "class_weight",
    "act": "activation",
    "hidden_activation": "activation",
    "output_activation": "output",
    "initializer": "init",
    "kernel_initializer": "init",
    "weight_init": "init",
    "drop_rate": "dropout",
    "dropout_rate": "dropout",
    "input_dropout_ratio": "input_dropout",
    "visible_dropout": "input_dropout",
    "kernel_constraint": "max_norm",
    "maxnorm": "max_norm",
    "optimizer": "update",
    "optim": "update",
    "solver": "update",
    "beta_1": "beta1",
    "beta_2": "beta2",
    "adam_epsilon": "epsilon",
    "eps": "epsilon",
    "clipnorm": "clip_norm",
    "global_clipnorm": "clip_norm",
    "gradient_clip_val": "clip_norm",
    "grad_clip": "clip_norm",
    "max_grad_norm": "clip_norm",
    "nesterovs_momentum": "nesterov",
    "use_nesterov": "nesterov",
    "learning_rate_schedule": "schedule",
    "lr_schedule": "schedule",
    "lr_scheduler": "schedule",
    "scheduler": "schedule",
    "warmup_epochs": "warmup",
    "num_warmup_epochs": "warmup",
    "decay": "schedule_decay",
    "gamma": "schedule_decay",
    "lr_decay": "schedule_decay",
    "n_iter_no_change": "early_stopping",
    "early_stopping_patience": "early_stopping",
    "precision": "dtype",
    # the sweep
    "study": "sweep.name",
    "study_name": "sweep.name",
    "project": "sweep.name",
    "count": "sweep.trials",
    "max_trials": "sweep.trials",
    "n_iter": "sweep.trials",
    "n_trials": "sweep.trials",
    "num_samples": "sweep.trials",
    "num_trials": "sweep.trials",
    "run_cap": "sweep.trials",
    "random_seed": "sweep.seed",
    "random_state": "sweep.seed",
    "method": "sweep.sampler",
    "algorithm": "sweep.sampler",
    "search_alg": "sweep.sampler",
    "tuner": "sweep.sampler",
    "early_terminate": "sweep.pruner",
    "repeats": "sweep.replicates",
    "executions_per_trial": "sweep.replicates",
    "timeout": "sweep.trial_timeout",
    "max_resource": "training.epochs",
    "max_t": "training.epochs",
    "trials": "sweep.trials",
    "seed": "sweep.seed",
    "sampler": "sweep.sampler",
    "pruner": "sweep.pruner",
    "replicates": "sweep.replicates",
    "patience": "early_stopping",
    # the sections
    "parameters": "space",
    "params": "space",
    "hyperparameters": "space",
    "param_distributions": "space",
    "param_grid": "space",
    "param_space": "space",
    "search_space": "space",
    "enqueue_trial": "start",
    "points_to_evaluate": "start",
    # the data
    "dataset": "data.name",
    "target": "data.label",
    "normalize": "data.scale",
    "test_size": "data.split",
    "validation_fraction": "data.split",
    "validation_split": "data.split",
}
"""The key that a word means: a hyperparameter, "section.key" or a section."""

DIMENSION = {
    "min": "low",
    "min_value": "low",
    "lower": "low",
    "suggest_float": "low",
    "suggest_int": "low",
    "suggest_uniform": "low",
    "uniform": "low",
    "randint": "low",
    "max": "high",
    "max_value": "high",
    "upper": "high",
    "value": "choices",
    "values": "choices",
    "categories": "choices",
    "choice": "choices",
    "grid_search": "choices",
    "suggest_categorical": "choices",
    "distribution": "log",
    "log_uniform": "log",
    "log_uniform_values": "log",
    "loguniform": "log",
    "prior": "log",
    "sampling": "log",
    "scale": "log",
    "suggest_loguniform": "log",
    "q": "step",
    "step_size": "step",
    "conditions": "when",
}
"""The key that a word means inside a range or choices."""


def unknown_key(kind: str, key: str, known: Collection[str]) -> InputError:
    """Return the error for a key, such as "space.lmbda.min", that is not in `known`.

    It suggests what the word means; for a word of no other library, the nearest known key.
    """
    return unknown(kind, key, known, _meant(key, known))


def _meant(key: str, known: Collection[str]) -> str | None:
    parent, dot, word = key.rpartition(".")
    word = word.lower()
    for ours in (DIMENSION.get(word), SETTINGS.get(word)):
        if ours and f"{parent}{dot}{ours}" in known:
            return f"{parent}{dot}{ours}"
    return SETTINGS.get(word)
