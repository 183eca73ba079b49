"""What people run: the `nnsweep` command and the ready sweeps it starts from."""
