"""Arrays and the calls on them: the lowest layer, with which every other room computes.

`blas` limits BLAS to one thread (`one_blas_thread`), `layout` decides how arrays lie in memory
(`Array`, `aligned`), `operations` writes a computation as a list of calls (`Operations`, `run`).
"""
