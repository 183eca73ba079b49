"""Studies of chapter 3, in a folder for each of its sections."""
