"""Feeds damaged `.npz`, `.npy`, IDX and ARFF files to the readers; each must be refused in a line.

`python -m benchmarks.fuzz_arrays --cases 100000` is the long form; the tests run a shorter one. It
runs as a user without privileges, and writes only in a temporary folder of its own.
"""

import gzip
import io
import random
import zipfile

import numpy as np
from numpy.typing import NDArray

from benchmarks.support.fuzzed_files import Case, Formats, fuzz_command, with_faults

X = np.arange(240, dtype=np.uint8).reshape(40, 2, 3)
Y = np.arange(40, dtype=np.uint8) % 2
ARRAYS: tuple[dict[str, NDArray[np.generic]], ...] = (
    {"x": X.astype(np.float32).reshape(40, 6), "y": np.array(["oak", "ash"] * 20)},
    {"X": X[..., None], "y": Y.astype(np.int64)[:, None]},
    {"data": X.reshape(40, 6).astype(np.float64), "target": np.eye(2)[Y]},
    {"x_train": X, "y_train": Y, "x_test": X[:10], "y_test": Y[:10]},
)
ARFF = "\n".join(
    [
        "% a table",
        "@relation 'a b'",
        "@attribute 'the length' numeric",
        "@attribute width real",
        "@attribute twice {0, 1}",
        "@attribute 'where from' {here, 'far away'}",
        "@attribute kind {oak,'old ash'}",
        "@data",
        *(f"{n}, {n / 7:.3f},{n % 2},here,{'oak' if n % 2 else chr(39) + 'old ash' + chr(39)}"
          for n in range(40)),
    ]
)  # fmt: skip


def _npz(rng: random.Random) -> Case:
    arrays, inside = rng.choice(ARRAYS), rng.random() < 0.6
    packed = io.BytesIO()
    damaged = rng.choice(list(arrays)) if inside else None
    with zipfile.ZipFile(packed, "w", rng.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))) as z:
        for name, array in arrays.items():
            content = _npy_bytes(array)
            z.writestr(f"{name}.npy", with_faults(rng, content) if name == damaged else content)
    return Case({"a.npz": packed.getvalue() if inside else with_faults(rng, packed.getvalue())})


def _npy(rng: random.Random) -> Case:
    x, y = map(_npy_bytes, list(rng.choice(ARRAYS).values())[:2])
    if rng.random() < 0.5:
        return Case({"x.npy": with_faults(rng, x), "y.npy": y})
    return Case({"x.npy": x, "y.npy": with_faults(rng, y)})


def _idx(rng: random.Random) -> Case:
    files = {"train-images-idx3-ubyte": _idx_bytes(X), "train-labels-idx1-ubyte": _idx_bytes(Y)}
    if rng.random() < 0.3:
        files["t10k-images-idx3-ubyte"] = _idx_bytes(X[:10])
        files["t10k-labels-idx1-ubyte"] = _idx_bytes(Y[:10])
    damaged, ending = rng.choice(list(files)), rng.choice(("", ".gz"))
    inside = rng.random() < 0.5
    for name, content in files.items():
        content = with_faults(rng, content) if inside and name == damaged else content
        content = gzip.compress(content, 1, mtime=0) if ending else content
        files[name] = with_faults(rng, content) if not inside and name == damaged else content
    return Case({f"{name}{ending}": content for name, content in files.items()})


def _arff(rng: random.Random) -> Case:
    content = with_faults(rng, ARFF.encode())
    return Case({"a.arff": content}, {"label": "kind"}, ("kind", "where from"))


FORMATS: Formats = {
    "npz": _npz,
    "npy": _npy,
    "idx": _idx,
    "arff": _arff,
}


def _npy_bytes(array: NDArray[np.generic]) -> bytes:
    content = io.BytesIO()
    np.save(content, array, allow_pickle=False)
    return content.getvalue()


def _idx_bytes(array: NDArray[np.uint8]) -> bytes:
    sizes = b"".join(size.to_bytes(4, "big") for size in array.shape)
    return bytes([0, 0, 8, array.ndim]) + sizes + array.tobytes()


if __name__ == "__main__":
    fuzz_command(FORMATS, __doc__)
