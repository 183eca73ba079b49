"""Studies of the section "Overfitting and regularization", with its other techniques."""
