"""Workers: where trials run, in this process, in local processes or on a Dask cluster.

`tasks` says what a worker is asked and what happens if it dies; `local` is the only module that
knows joblib; `dask`, `dask_client` and `dask_worker` know Dask; `cost_model` estimates durations.
"""
