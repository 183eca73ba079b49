"""Samplers: each proposes the next point of the space.

`proposer` (`Proposer`) asks the sampler that the config names: `optuna_samplers` (TPE, random, QMC,
CMA-ES, Gaussian process), `coordinate` or `grid`. A new sampler is a case in `new_sampler`, and its
name in `SweepSection` of `sweeps.config`.
"""
