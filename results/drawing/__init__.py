"""What all figures share: style, ticks, and saving.

`style` holds the palette and the style of axes, `ticks` chooses the ticks of a hyperparameter's
axis, `save` writes a figure as PNG and SVG (`write_figure`).
"""
