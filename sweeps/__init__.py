"""What is searched, one trial, the loop that runs many, and the folder that records them.

Reading order: `space`, `config` (the TOML file), `trial` (one pure function), `proposals` (asks
Optuna), `parallel`, `run_folder` and `storage` (what is written), `sweep` (the loop over them all).
"""
