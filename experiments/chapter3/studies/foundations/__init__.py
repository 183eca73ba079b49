"""Studies of exercises from chapters 1 and 2: perceptrons, descent and the gradient check."""
