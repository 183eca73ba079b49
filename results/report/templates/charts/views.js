// The five views of a run: what each draws, from the places that Python computed.
//
// A view is { panels, legend, shaded, brushed }: the panels as `panel.js` takes them, the entries of
// the legend, whether colors stand for values, and the axes that can be brushed.
const { views: run, rowCount, metric } = nnsweep;
const MOST_LINES = 1500; // of more lines, evenly many from the worst to the best are drawn
const dark = matchMedia("(prefers-color-scheme: dark)");
const LOOKS = {
  complete: { glyph: "dot", ink: "--chart-trial", sign: "●" },
  pruned: { glyph: "bar", ink: "--chart-trial", sign: "|", dash: [6, 2, 1, 2] },
  diverged: { glyph: "cross", ink: "--ink", sign: "×", dash: [4, 3] },
  failed: { glyph: "plus", ink: "--chart-failed", sign: "+", dash: [1, 2] },
};

// The worst first, so that the best is drawn last; trials without a value come before them.
const worstFirst = (() => {
  const ranked = [...(run.ranked ?? [])].reverse();
  const valued = new Set(ranked);
  const others = Array.from({ length: rowCount }, (_, row) => row).filter((row) => !valued.has(row));
  return { ranked, all: [...others, ...ranked] };
})();

function shadeOf(row) {
  const shades = run.shades[dark.matches ? "dark" : "light"];
  const [low, high] = run.value.span;
  const place = (run.values[row] - low) / (high - low || 1);
  return shades[Math.min(shades.length - 1, Math.max(0, Math.floor(place * shades.length)))];
}

// The trace of a single point; `x` and `y` return its place, or null where the row has none.
function pointTrace(x, y) {
  return (row) => {
    const across = x(row);
    if (across === null || across === undefined) return 0;
    spots.x[0] = across;
    spots.y[0] = y(row);
    return 1;
  };
}

function thinned(rows) {
  if (rows.length <= MOST_LINES) return rows;
  const step = (rows.length - 1) / (MOST_LINES - 1);
  return Array.from({ length: MOST_LINES }, (_, i) => rows[Math.round(i * step)]);
}

// A layer and a legend entry for each way in which some of the rows ended.
function byKind(rows, paintOf, thin = (some) => some) {
  const kinds = run.kind_names.map((name, kind) => [name, rows.filter((row) => run.kinds[row] === kind)]);
  const present = kinds.filter(([, own]) => own.length);
  return {
    layers: present.map(([name, own]) => ({
      key: name, rows: (isShown) => thin(own.filter(isShown)), paint: paintOf(LOOKS[name], name),
    })),
    legend: present.map(([name, own]) => ({ key: name, text: `${name} (${own.length.toLocaleString("en")})`, ...LOOKS[name] })),
  };
}

// The trial that all figures mark: the certified one, or the best.
function shippedLayer(paint) {
  const rows = run.shipped ? [run.shipped.row] : [];
  return { key: "shipped", rows: (isShown) => rows.filter(isShown), paint };
}

const shippedEntry = (sign) => ({ key: "shipped", text: run.shipped.name, ink: "--chart-shipped", sign });
const backdrop = (key, paint) => ({ key, rows: () => [], paint, pointable: false });

const shippedMark = (trace) => shippedLayer(paintMarks(trace, { glyph: "dot", ink: "--chart-shipped", size: 12, most: 1 }));
const belowEntry = () => (run.value.below ? [{ text: run.value.below, ink: "--ink", sign: "▽" }] : []);

function bestSoFar({ panels, rows, best }) {
  const at = new Map(rows.map((row, i) => [row, i]));
  const ofPrices = panels.map(({ x, prices }) => {
    const trace = pointTrace((row) => prices[at.get(row)], (row) => run.values[row]);
    const path = rows.map((row, i) => [prices[i], best[i]]).filter(([, y]) => y !== null && y >= 0);
    const { layers } = byKind(worstFirst.ranked, (look) => paintMarks(trace, look));
    const line = backdrop("best", paintSegments(stepped(path), { ink: "--chart-trial", width: 2 }));
    return { x, y: run.value, trace, layers: [...layers, line, shippedMark(trace)], height: 300 };
  });
  const legend = [
    ...byKind(worstFirst.ranked, () => null).legend,
    { key: "best", text: "best so far", ink: "--chart-trial", sign: "━" }, shippedEntry("●"), ...belowEntry(),
  ];
  return { panels: ofPrices, legend };
}

function slices() {
  const panels = run.dimensions.map(({ label, ends, ticks, places, medians = [] }) => {
    const trace = pointTrace((row) => places[row], (row) => run.values[row]);
    const rows = worstFirst.ranked.filter((row) => places[row] !== null);
    const { layers } = byKind(rows, (look) => paintMarks(trace, look));
    const half = (ends[1] - ends[0]) * (0.35 / Math.max(ticks.length, 1));
    const lines = medians.map(([x, y]) => [[x - half, Math.max(y, 0)], [x + half, Math.max(y, 0)]]);
    const middle = backdrop("median", paintSegments(lines, { ink: "--soft", width: 2 }));
    return { x: { label, ends, ticks }, y: run.value, trace, layers: [...layers, middle, shippedMark(trace)], height: 240 };
  });
  const anyMedian = run.dimensions.some(({ medians = [] }) => medians.length);
  const legend = [
    ...byKind(worstFirst.ranked, () => null).legend,
    ...(anyMedian ? [{ key: "median", text: "median of a choice", ink: "--soft", sign: "━" }] : []),
    shippedEntry("●"), ...belowEntry(),
  ];
  return { panels, legend };
}

function learningCurves({ x, y }) {
  const known = new Map();
  const curveOf = (row) => {
    if (!known.has(row)) {
      const points = nnsweep.points(row, `validation_${metric.key}`, nnsweep.metricValue);
      known.set(row, Float32Array.from(points.flatMap(([epoch, value]) => [epoch, (value - y.low) / (y.high - y.low)])));
    }
    return known.get(row);
  };
  const trace = (row) => {
    const curve = curveOf(row);
    for (let i = 0; i < curve.length; i += 2) {
      spots.x[i / 2] = curve[i];
      spots.y[i / 2] = curve[i + 1];
    }
    return curve.length / 2;
  };
  const rows = worstFirst.all.filter(nnsweep.hasCurve);
  const { layers, legend } = byKind(rows, (look, name) => {
    const shaded = name === "complete" && run.value;
    const line = paintLines(trace, { ink: look.ink, shadeOf: shaded ? shadeOf : undefined, width: 1.2, dash: look.dash });
    const end = paintMarks(trace, { ...look, size: shaded ? 4 : 9 });
    return (pen, drawn) => { line(pen, drawn); if (!shaded) end(pen, drawn); };
  }, thinned);
  const best = shippedLayer(paintLines(trace, { ink: "--chart-shipped", width: 2.6, halo: true, most: 1 }));
  return {
    panels: [{ x, y, trace, layers: [...layers, best], height: 380 }],
    legend: [
      ...(run.value ? legend.map(withShades) : legend), ...(run.shipped ? [shippedEntry("━")] : []),
      ...(y.below ? [{ text: `ends ${y.below}`, ink: "--ink", sign: "▽" }] : []),
    ],
    shaded: Boolean(run.value),
  };
}

const withShades = (entry) => (entry.key === "complete" ? { ...entry, ink: null, sign: "━" } : entry);

function parallelCoordinates({ not_set: notSet }) {
  const value = { ...run.value, heights: run.values.map((place) => (place === null ? null : Math.max(place, 0))) };
  const axes = [...run.dimensions, value].map((axis) => ({
    ...axis,
    heightOf: (row) => axis.heights?.[row] ?? axis.places?.[row] ?? notSet,
    placeOf: (row) => axis.places?.[row] ?? axis.heights?.[row] ?? notSet,
  }));
  const anyUnset = run.dimensions.some(({ places }) => worstFirst.ranked.some((row) => places[row] === null));
  const trace = (row) => {
    for (let i = 0; i < axes.length; i++) {
      spots.x[i] = i;
      spots.y[i] = axes[i].heightOf(row);
    }
    return axes.length;
  };
  const { ranked } = worstFirst;
  const pale = {
    key: "others", pointable: false, rows: (isShown) => thinned(ranked).filter((row) => !isShown(row)),
    paint: paintLines(trace, { ink: "--line", most: 0.6 }),
  };
  const { layers, legend } = byKind(ranked, () => paintLines(trace, { shadeOf, width: 1.3 }), thinned);
  const best = shippedLayer(paintLines(trace, { ink: "--chart-shipped", width: 2.8, halo: true, most: 1 }));
  const x = { ends: [-0.6, axes.length - 0.4] };
  const y = { ends: [anyUnset ? notSet - 0.08 : -0.08, 1.08] };
  return {
    panels: [{ x, y, axesHidden: true, trace, layers: [pale, ...layers, best], height: 400 }],
    legend: [...legend.map((entry) => ({ ...entry, ink: null, sign: "━" })), shippedEntry("━")],
    shaded: true,
    brushed: { axes, notSet: anyUnset ? notSet : null },
    leastWidth: 96 * axes.length,
  };
}

function freshValues({ x, y, winner, points }) {
  const known = points.filter(({ row }) => row !== null);
  const at = new Map(known.map((point) => [point.row, point]));
  const trace = pointTrace((row) => at.get(row)?.search, (row) => at.get(row).mean);
  const rows = (wanted) => known.filter(({ trial }) => (trial === winner) === wanted).map(({ row }) => row);
  const cut = (place, edge) => (place === -1 ? edge : Math.min(Math.max(place, 0), 1));
  const intervals = points.filter(({ low }) => low !== null).map((one) => [[one.search, cut(one.low, 0)], [one.search, cut(one.high, 0)]]);
  const seeds = points.flatMap(({ search, scores }) => scores.map((score) => [search, score]));
  const means = (own, ink, size) => ({
    key: own ? "winner" : "mean", rows: (isShown) => rows(own).filter(isShown), paint: paintMarks(trace, { glyph: "dot", ink, size, most: 1 }),
  });
  const dots = paintMarks(pointTrace((i) => seeds[i][0], (i) => seeds[i][1]), { glyph: "dot", ink: "--soft", size: 5 });
  const layers = [
    backdrop("same", paintSegments([[[0, 0], [1, 1]]], { ink: "--soft", dash: [4, 3] })),
    backdrop("interval", paintSegments(intervals, { ink: "--chart-interval", width: 3 })),
    backdrop("seed", (pen) => dots(pen, [...seeds.keys()])),
    means(false, "--chart-trial", 12), means(true, "--chart-shipped", 13),
  ];
  const legend = [
    { key: "same", text: "as in the search", ink: "--soft", sign: "╌" },
    { key: "interval", text: "95% interval of the mean", ink: "--chart-interval", sign: "┃" },
    { key: "seed", text: "one seed", ink: "--soft", sign: "•" },
    ...(rows(false).length ? [{ key: "mean", text: "mean of a trial", ink: "--chart-trial", sign: "●" }] : []),
    { key: "winner", text: `winner: trial ${winner}`, ink: "--chart-shipped", sign: "●" },
  ];
  return { panels: [{ x, y, trace, layers, height: 380 }], legend, mostWidth: 640 };
}

const VIEWS = {
  best_so_far: bestSoFar, learning_curves: learningCurves, slices,
  parallel_coordinates: parallelCoordinates, fresh_values: freshValues,
};
