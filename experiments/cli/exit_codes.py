"""The exit codes of every command; 0 means done.

Scripts that call `nnsweep` rely on these numbers.
"""

FAILED = 1  # part of the work failed; finished work is kept
WRONG_INPUT = 2  # one line on standard error names the key or file, the rule and the invalid value
INTERRUPTED = 130  # Ctrl-C or SIGTERM; finished work is kept and the same command resumes
