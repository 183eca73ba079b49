"""The network with scikit-learn's interface, for pipelines, cross-validation and grid searches.

`classifier` predicts labels, `regressor` numbers; `network_estimator` is what the two share, and
`weighted_rows` what a regressor does with its targets and weights.
"""

from nncore.estimator.classifier import NetworkClassifier
from nncore.estimator.regressor import NetworkRegressor

__all__ = ["NetworkClassifier", "NetworkRegressor"]
