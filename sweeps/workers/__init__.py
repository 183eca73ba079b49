"""Workers: where trials run, in this process, in local processes or on a Dask cluster.

`tasks` defines a task and the protocol `Workers`; `dead_workers` runs the tasks of dead workers
again. `local` (`LocalWorkers`) and `beside`, a single computation in another process, use joblib;
`dask` (`DaskWorkers`), `dask_pool`, `dask_client` and `dask_worker` use Dask. `cost_model`
estimates durations. A new kind of workers is a class with the methods of `Workers`.
"""
