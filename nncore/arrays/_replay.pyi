from numpy import int64
from numpy.typing import NDArray

from nncore.arrays.operations import Operations

class Program:
    python_calls: int
    def __new__(cls, operations: Operations, rows: NDArray[int64], /) -> Program: ...
    def __call__(self, order: NDArray[int64], /) -> None: ...
