"""Studies of the sections "Weight initialization" and "Other techniques"."""
