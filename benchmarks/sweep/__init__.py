"""The same sweep through this project and through Optuna with its usual companions.

`programs` are the sweeps themselves, two worker processes each; `__main__` times and compares them.
"""
