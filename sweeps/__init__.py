"""What is searched, one trial, the parallel loop that runs many, and the run folder that records
them.

Reading order: `space`, `config` (the TOML file), `trial` (one pure function), `proposals` (asks
Optuna), `parallel`, `run_folder` and `storage` (what is written), `sweep` (the loop over them all).
"""
