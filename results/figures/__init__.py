"""The figures, one module each: `plot_x(frame, ax)` draws numbers that `results.analysis` computes.

Most figures get a frame that is ready to draw. `slices`, `heat_map` and `parallel_coordinates` get
the trials and the dimensions, and call `results.analysis` for positions, cells, medians and limits.
`catalogue` lists the figures of a report (`draw_figures`): a new figure is a module here, an entry
there, and its heading and caption in `results.report.page_figures`. `comparison` draws the figures
of several runs.
"""

import results.drawing  # noqa: F401  # before any module imports matplotlib
