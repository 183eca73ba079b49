"""What a program or a notebook calls: a sweep with its results, and its confirmation.

`nnsweep.py` offers these names together with those of the packages below. Importing this package
loads nothing; a name loads its module when it is first used.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
