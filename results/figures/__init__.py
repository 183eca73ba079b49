"""The figures, one module each: `plot_x(frame, ax)` draws numbers that `results.analysis` computes.

`catalogue` lists the figures of a report (`draw_figures`). A new figure is a module here, an entry
there, and its caption in `results.report.page_figures`.
"""
