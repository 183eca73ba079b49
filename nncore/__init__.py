"""A feed-forward network after Nielsen's *Neural Networks and Deep Learning*, chapters 1 to 3,
written for speed.

The public names are listed in `__init__.pyi`, each beside the module that defines it. Importing
`nncore` loads nothing; a name loads its module when it is first used.

Reading order, from the bottom up: `arrays` (how arrays lie in memory), `components` (activations,
costs and the other parts of a network), `config` (`TrialConfig`), `datasets`, `network`, `model`
(a network with its input scaling and class names, or several; `model_file` reads them back),
`descent` (the gradient in readable form, and the step that runs), `scoring`, `training` (epochs),
`estimator` (scikit-learn's interface: a classifier and a regressor), `book` (the book's interface).

Conventions, true in every module:

- Rows are examples: `x` is `(m, n_in)`, a layer's output `(m, n_out)`; weights are `(n_in, n_out)`,
  Fortran-ordered.
- Labels are integers; `y` is their one-hot form `(m, n_out)`, made once per data set.
- Inputs of image data are pixel/256, as in the book's file, which float32 holds exactly.
- A cost is a mean over examples. The regularizer is λ/(2n) Σw² (L2) or λ/n Σ|w| (L1) over weights,
  never biases, with n the size of the training set; it is reported separately from the data cost.
- The dtype is float32, or float64 on request; both run through the same code.
- Randomness is passed in. Only `book` draws from the global generators, as the book's program does.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
