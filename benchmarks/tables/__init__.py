"""25 real tables that Python packages ship, in nnsweep and in scikit-learn.

`python -m benchmarks.tables` says what the commands make of each table, and compares the results.
"""
