"""Studies of chapter 2: the equations of backpropagation."""
