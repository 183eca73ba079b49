"""A feed-forward network after Nielsen's *Neural Networks and Deep Learning*, chapters 1 to 3,
written for speed.

Reading order: `activations`, `costs`, `initializers`, `regularizers` (what a network is made of),
`network`, `backprop` (the gradient, to be read), `sgd` (the same step, to be run), `training`
(epochs), `datasets`.

Conventions, true in every module:

- Rows are examples: `x` is `(m, n_in)`, a layer's output `(m, n_out)`; weights are `(n_in, n_out)`,
  Fortran-ordered.
- Labels are integers; `y` is their one-hot form `(m, n_out)`, made once per data set.
- Inputs of image data are pixel/256, as in the book's file, which float32 holds exactly.
- A cost is a mean over examples. The regulariser is λ/(2n) Σw² (L2) or λ/n Σ|w| (L1) over weights,
  never biases, with n the size of the training set; it is reported apart from the cost of the data.
- dtype is float32, or float64 on request; both run through the same code.
- Randomness is passed in: only `network2`, which is the book's interface, draws from the global
  generators, as the book's program does.
"""
