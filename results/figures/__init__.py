"""The figures, one module each: `plot_x(frame, ax)` draws what `results.analysis` computed.

`catalogue` lists the figures of a report (`draw_figures`); a new figure is a module here and an
entry there.
"""
