"""Gradient descent: the gradient to read, the fused step that runs, and what feeds it.

`backprop` is BP1 to BP4 line by line; `sgd` is the hot path (`Sgd`), over `mini_batches`, `updates`
(`UPDATES`) and `expansion`. `gradient_check` compares both with finite differences.
"""
