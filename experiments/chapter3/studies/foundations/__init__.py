"""Studies of the notes to chapters 1 and 2: perceptrons, descent, the gradient check."""
