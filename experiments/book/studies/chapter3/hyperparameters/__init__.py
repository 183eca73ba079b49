"""Studies of the section "How to choose a neural network's hyper-parameters?"."""
