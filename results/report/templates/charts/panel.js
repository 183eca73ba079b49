// One panel: uPlot draws its axes and calls the painters of `painters.js` for what lies on them. A
// layer of SVG above the canvas marks the trial that is pointed at and the selected one.
//
// A panel is { x, y, layers, trace }: two axes as Python prepared them, what is drawn, and a function
// that writes the points of a row, in the units of the axes, into `spots` and returns how many they
// are. The arrays are shared, because new ones for each of ten thousand trials would keep the
// garbage collector busy. A layer is { key, rows, paint }: its key in the legend, the rows that it
// draws, and its painter.
const spots = { x: [], y: [] };
const REACH = 26; // CSS pixels: a trial farther from the pointer is not meant
const FONT = "12px system-ui, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif";
const LETTER = 6.6; // the usual width of a letter of that font
const SVG = "http://www.w3.org/2000/svg";

const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

// uPlot's form of an axis. Long labels of the x axis are turned.
function drawnAxis(axis, side, width) {
  const across = side === 2;
  const longest = Math.max(0, ...axis.ticks.map(([, text]) => text.length)) * LETTER;
  const turned = across && axis.ticks.length * (longest + 10) > width;
  return {
    side, font: FONT, labelFont: FONT,
    label: axis.label, labelSize: 20, labelGap: 0,
    size: across && !turned ? 26 : (turned ? 0.6 : 1) * longest + 16,
    rotate: turned ? -35 : 0,
    gap: 4,
    splits: () => axis.ticks.map(([place]) => place),
    values: () => axis.ticks.map(([, text]) => text),
    stroke: () => color("--soft"),
    grid: { stroke: () => color("--line"), width: 1 },
    ticks: { stroke: () => color("--line"), width: 1, size: 5 },
  };
}

function newPanel(host, { x, y, axesHidden, layers, trace, height }) {
  const off = new Set(); // the keys that the legend has switched off
  let isShown = () => true;
  const rowsOf = new Map();
  const layered = (paint) => layers.map((layer) => ({
    facets: [{ scale: "x", auto: false }, { scale: "y", auto: false }],
    points: { show: false },
    paths: (plot) => (off.has(layer.key) ? null : paint(plot, layer)),
  }));
  const wanted = new Map(); // the rows of the marks
  const width = () => Math.max(host.clientWidth, 120);
  const plot = new uPlot({
    mode: 2, width: width(), height, padding: axesHidden ? [10, 0, 44, 0] : [10, 10, 0, 0],
    legend: { show: false }, cursor: { show: false },
    hooks: { ready: [() => wanted.forEach((row, name) => mark(name, row))] },
    scales: { x: { time: false, range: () => x.ends }, y: { range: () => y.ends } },
    axes: axesHidden ? [{ show: false }, { show: false }] : [drawnAxis(x, 2, width()), drawnAxis(y, 3, height)],
    series: [{}, ...layered((drawn, layer) => inside(drawn, (pen) => layer.paint(pen, rowsOf.get(layer))))],
  }, [null, ...layers.map(() => [[0], [0]])], host);

  const over = document.createElementNS(SVG, "svg");
  const marks = new Map(["hovered", "chosen"].map((name) => {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("class", name);
    over.append(path);
    return [name, path];
  }));
  over.setAttribute("class", "marks");
  plot.over.append(over);

  // What lies below the axis is marked at its edge.
  const onScreen = (top) => Math.min(Math.max(top, -4), plot.over.clientHeight);

  // The points of a row in CSS pixels.
  function pixels(row) {
    return Array.from({ length: trace(row) }, (_, i) => [plot.valToPos(spots.x[i], "x"), onScreen(plot.valToPos(spots.y[i], "y"))]);
  }

  // Marks a row as `hovered` or `chosen`; null takes the mark away. uPlot knows its scales only
  // when it is ready, a moment after it was made.
  function mark(name, row) {
    wanted.set(name, row);
    if (!plot.status) return;
    const path = marks.get(name);
    const points = row === null ? [] : pixels(row);
    path.setAttribute("d", outline(points));
    path.dataset.row = points.length ? row : "";
  }

  // The row whose point or line is nearest to a place, in CSS pixels; null if none is near.
  function nearest(left, top) {
    const { x: sx, y: sy } = plot.scales;
    const [kx, ky] = [plot.over.clientWidth / (sx.max - sx.min), plot.over.clientHeight / (sy.max - sy.min)];
    let [found, least] = [null, REACH ** 2];
    for (const layer of layers) {
      if (off.has(layer.key) || layer.pointable === false) continue;
      for (const row of rowsOf.get(layer)) {
        const count = trace(row);
        for (let i = 0; i < count; i++) { // from the place, in pixels
          spots.x[i] = (spots.x[i] - sx.min) * kx - left;
          spots.y[i] = onScreen((sy.max - spots.y[i]) * ky) - top;
        }
        const distance = distanceToOrigin(count);
        if (distance <= least) [found, least] = [row, distance];
      }
    }
    return found;
  }

  function choose() {
    for (const layer of layers) rowsOf.set(layer, layer.rows(isShown));
  }

  function update(shown) {
    isShown = shown;
    choose();
    plot.redraw(false);
  }

  new ResizeObserver(() => {
    if (width() !== plot.width) plot.setSize({ width: width(), height });
  }).observe(host);
  choose();

  function switched(key, on) {
    if (on) off.delete(key);
    else off.add(key);
    plot.redraw(false);
  }

  return { plot, mark, nearest, update, trace, pixels, switched };
}

// Calls `paint` with a pen that draws in canvas pixels, inside the axes and a little beyond.
function inside(plot, paint) {
  const { ctx, bbox } = plot;
  const ratio = devicePixelRatio;
  const slack = 6 * ratio;
  const [sx, sy] = [plot.scales.x, plot.scales.y];
  const px = (value) => bbox.left + ((value - sx.min) / (sx.max - sx.min)) * bbox.width;
  const py = (value) => bbox.top + bbox.height - ((value - sy.min) / (sy.max - sy.min)) * bbox.height;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left - slack, bbox.top - slack, bbox.width + 2 * slack, bbox.height + 2 * slack);
  ctx.clip();
  paint({ ctx, ratio, px, py, bottom: bbox.top + bbox.height });
  ctx.restore();
  return null;
}

function outline(points) {
  if (!points.length) return "";
  if (points.length > 1) return points.map(([x, y], i) => `${i ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");
  const [[x, y]] = points;
  return `M${x - 8} ${y}a8 8 0 1 0 16 0a8 8 0 1 0 -16 0`;
}

// The squared distance from 0, 0 to the point or the line of `count` points in `spots`.
function distanceToOrigin(count) {
  const { x, y } = spots;
  let least = count ? x[0] ** 2 + y[0] ** 2 : Infinity;
  for (let i = 1; i < count; i++) {
    const [dx, dy] = [x[i] - x[i - 1], y[i] - y[i - 1]];
    const along = Math.min(1, Math.max(0, -(x[i - 1] * dx + y[i - 1] * dy) / (dx * dx + dy * dy || 1)));
    least = Math.min(least, (x[i - 1] + along * dx) ** 2 + (y[i - 1] + along * dy) ** 2);
  }
  return least;
}
