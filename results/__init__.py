"""Results of a run folder: tidy frames, then statistics, then figures and a report.

The public names are listed in `__init__.pyi`, each beside the module that defines it. Importing
`results` loads nothing; a name loads its module when it is first used. Everything here only reads
the files that `sweeps` wrote.

Reading order: `frames` (a run folder as data frames), `analysis` (statistics), `drawing` and
`figures` (what is drawn), `report` (`report.html` and `summary.json`). `number_text` words
numbers, `safe_csv` writes tables.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
