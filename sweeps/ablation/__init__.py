"""What each change from the defaults to the winner is worth, one hyperparameter at a time.

`changes` finds the changes, `design` says which networks to train and in which order the changes
are made, and `arms` trains them.
"""
