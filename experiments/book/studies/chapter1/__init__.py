"""Studies of chapter 1: neurons, gradient descent, and the first network for digits."""
