"""Gradient descent: the gradient in readable form, and the fused step that trains.

`backprop` is BP1 to BP4 line by line; `sgd` (`Sgd`) is the hot path, which uses `mini_batches`,
`expansion` and `updates` (`UPDATES`): there the gradient of the weights and the step are one
product. `adam` and `clipping` need the gradient itself. `gradient_check` compares `backprop` with
finite differences.
"""
