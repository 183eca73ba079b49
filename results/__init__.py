"""From a run folder to what it says: tidy frames, then statistics, then figures.

Everything here only reads what `sweeps` wrote, and importing the package itself loads nothing.
"""
