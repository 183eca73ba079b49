"""Workers: where trials run, in this process, in local processes or on a Dask cluster.

`tasks` defines a task and the protocol `Workers`, and reruns the tasks of dead workers; `local` is
the only module that imports joblib; `dask` (`DaskWorkers`), `dask_pool`, `dask_client` and
`dask_worker` use Dask; `cost_model` estimates durations. A new kind of workers is a class with the
methods of `Workers`.
"""
