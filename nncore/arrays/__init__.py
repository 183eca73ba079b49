"""Arrays and the calls on them: the lowest floor, on which every other room computes.

`blas` holds BLAS to one thread (`one_blas_thread`), `layout` decides how arrays lie in memory
(`Array`, `aligned`), `operations` writes a computation as a list of calls (`Operations`, `run`).
"""
