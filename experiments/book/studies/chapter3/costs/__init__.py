"""Studies of the section "The cross-entropy cost function", including softmax."""
