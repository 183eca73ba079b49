"""The support vector machine beside the book's network, with scikit-learn's settings of its time.

This is the only module of the experiments that imports scikit-learn.
"""

from sklearn.svm import SVC

from experiments.book.training.classifiers import Predictor
from nncore.datasets import Split


def fit_svm(train: Split) -> Predictor:
    """Return an SVC with C = 1 and γ = 1/784, the defaults before version 0.22, fitted to `train`.

    Nielsen ch. 1, "Implementing our network to classify digits", and ch. 3, "More training data".
    """
    predict: Predictor = SVC(C=1.0, gamma="auto").fit(train.x, train.labels).predict
    return predict
