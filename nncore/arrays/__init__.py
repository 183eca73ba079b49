"""Arrays and operations on them: the lowest layer, which every other subpackage uses.

`blas` limits BLAS to one thread (`one_blas_thread`), `layout` decides how arrays lie in memory
(`Array`, `aligned`), `operations` writes a computation as a list of calls (`Operations`, `run`),
and `replay` runs such a list for one block of rows after another, in C where it was compiled.
"""
