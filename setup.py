"""The one extension module, in C, which an installation can do without; the rest is pyproject.toml.

`optional` lets the installation go on where there is no compiler: then Python runs the same calls.
"""

import numpy as np
from setuptools import Extension, setup

FOLDER = "nncore/arrays/"

setup(
    ext_modules=[
        Extension(
            "nncore.arrays._replay",
            sources=[FOLDER + name for name in ("replay.c", "blas_calls.c", "numpy_calls.c")],
            depends=[FOLDER + "calls.h"],
            include_dirs=[np.get_include()],
            optional=True,
        )
    ]
)
