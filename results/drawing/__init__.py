"""What all figures share: style, scales, and saving.

`style` holds the palette and the style of axes, `scales` places hyperparameters on an axis, `save`
writes a figure as PNG and SVG (`write_figure`).
"""
