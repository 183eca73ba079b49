"""What the command's exit codes mean; 0 is done.

Scripts that call it rely on these numbers.
"""

FAILED = 1  # some of the work failed; what succeeded is kept
WRONG_INPUT = 2  # one line on standard error names the key or file, the rule, and what was got
INTERRUPTED = 130  # what ran was finished; the same command goes on
