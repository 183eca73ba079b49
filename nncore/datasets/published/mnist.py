"""Builds MNIST as the book uses it: 50,000 training, 10,000 validation and 10,000 test images.

The four published files are checked against the SHA-256 sums below, wherever they come from.
"""

from collections.abc import Mapping, Sequence

from nncore.datasets.data_source import DataSource
from nncore.datasets.dataset import DataSet, make_dataset, make_split
from nncore.datasets.formats.idx import read_idx
from nncore.datasets.published.published_files import SourceFile, read_sources
from nncore.datasets.scaling import Scaling

SCALING = Scaling(scale=256.0)  # pixel/256, as in the book's file
CLASSES = tuple("0123456789")

MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
)

TRAIN_IMAGES = SourceFile(
    "train-images-idx3-ubyte.gz",
    "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    47_040_016,
)
TRAIN_LABELS = SourceFile(
    "train-labels-idx1-ubyte.gz",
    "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    60_008,
)
TEST_IMAGES = SourceFile(
    "t10k-images-idx3-ubyte.gz",
    "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    7_840_016,
)
TEST_LABELS = SourceFile(
    "t10k-labels-idx1-ubyte.gz",
    "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    10_008,
)


def build_mnist(mirrors: Sequence[str] = MIRRORS) -> DataSet:
    """Return MNIST from its published files.

    Raises `InputError` if a file is bad or cannot be found or downloaded.
    """
    files = (TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS)
    return assemble("mnist", read_sources("mnist", files, mirrors), CLASSES, n_validation=10_000)


def assemble(
    name: str, contents: Mapping[str, bytes], classes: tuple[str, ...], n_validation: int
) -> DataSet:
    """Return the data set of the four unpacked files in `contents`, by their names.

    The last `n_validation` images of the training file become the validation split (Nielsen ch. 1).
    Inputs are pixel/256, exact in float32, in `[0, 255/256]`.
    """
    images = read_idx(contents[TRAIN_IMAGES.name], 3, TRAIN_IMAGES.name)
    labels = read_idx(contents[TRAIN_LABELS.name], 1, TRAIN_LABELS.name)
    test_images = read_idx(contents[TEST_IMAGES.name], 3, TEST_IMAGES.name)
    test_labels = read_idx(contents[TEST_LABELS.name], 1, TEST_LABELS.name)
    x = SCALING.apply(images)
    n_train = len(images) - n_validation
    return make_dataset(
        DataSource(name),
        make_split(x[:n_train], labels[:n_train], len(classes)),
        make_split(x[n_train:], labels[n_train:], len(classes)),
        make_split(SCALING.apply(test_images), test_labels, len(classes)),
        classes=classes,
        scaling=SCALING,
        image_shape=(images.shape[1], images.shape[2]),
    )
