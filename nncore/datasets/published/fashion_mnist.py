"""Builds Fashion-MNIST: 70,000 pictures of clothes in the format of MNIST, harder to classify.

Xiao, Rasul & Vollgraf, "Fashion-MNIST: a novel image dataset for benchmarking machine learning
algorithms" (2017). The SHA-256 sums are those of Debian's package dataset-fashion-mnist.
"""

from collections.abc import Sequence
from pathlib import Path

from nncore.datasets.dataset import DataSet
from nncore.datasets.published.mnist import assemble
from nncore.datasets.published.published_files import SourceFile, read_sources

CLASSES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)

DEBIAN = Path("/usr/share/datasets/fashion-mnist")

MIRRORS = (
    "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
    "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
)

FILES = (
    SourceFile(
        "train-images-idx3-ubyte.gz",
        "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
        47_040_016,
    ),
    SourceFile(
        "train-labels-idx1-ubyte.gz",
        "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
        60_008,
    ),
    SourceFile(
        "t10k-images-idx3-ubyte.gz",
        "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
        7_840_016,
    ),
    SourceFile(
        "t10k-labels-idx1-ubyte.gz",
        "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
        10_008,
    ),
)


def build_fashion_mnist(
    mirrors: Sequence[str] = MIRRORS, installed: Path | None = DEBIAN
) -> DataSet:
    """Return Fashion-MNIST from its published files, split like MNIST.

    Raises `InputError` if a file is bad or cannot be found or downloaded.
    """
    contents = read_sources("fashion-mnist", FILES, mirrors, installed)
    return assemble("fashion-mnist", contents, CLASSES, n_validation=10_000)
