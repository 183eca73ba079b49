"""Studies of the section "Overfitting and regularization", including its other techniques."""
