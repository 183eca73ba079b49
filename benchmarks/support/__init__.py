"""What several benchmarks share: tasks, rounds, records of real sweeps, and stand-ins for training.

Nothing here is a command.
"""
