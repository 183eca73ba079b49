"""The names of the files in a run folder.

Other packages and the command read these files by the same names.
"""

from nncore.shipped_model import BEST_MODEL as BEST_MODEL
from nncore.shipped_model import CONFIRMATION_RECORD as CONFIRMATION_RECORD
from nncore.shipped_model import CONFIRMED_MODEL as CONFIRMED_MODEL

CONFIG = "sweep.toml"
ENVIRONMENT = "environment.json"
TRIALS, EPOCHS, TIMINGS = "trials.csv", "epochs.csv", "timings.csv"
ERRORS = "errors"
"""The folder of the tracebacks of failed trials."""
PENDING = "pending"
"""The folder of finished trials that wait for an earlier one."""
CONFIRMATION_TABLE = "confirmation.csv"
CONFIRMED_NETWORKS = "confirmation"
"""The folder of the networks that a confirmation has trained."""
SPLIT_NETWORKS = "confirmation-splits"
"""The same for a confirmation on fresh splits."""
ABLATION_TABLE, ABLATION_RECORD = "ablation.csv", "ablation.json"
ABLATION_ROWS = "ablation"
"""The folder of the values that an ablation has measured."""
JOURNAL = "journal.log"
"""The Optuna study, unless it is in a database."""
LOCK = ".lock"
