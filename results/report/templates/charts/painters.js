// Painters: each returns a function of a pen and rows that draws on the canvas of a panel.
// `trace` is that of the panel; a mark whose y is below 0 stands at the lower edge of the axes.

const GLYPHS = { // drawn around 0, 0 with a size of 1
  dot: (ctx) => { ctx.arc(0, 0, 0.42, 0, 7); ctx.fill(); },
  bar: (ctx) => { ctx.moveTo(0, -0.5); ctx.lineTo(0, 0.5); ctx.stroke(); },
  cross: (ctx) => { ctx.moveTo(-0.36, -0.36); ctx.lineTo(0.36, 0.36); ctx.moveTo(0.36, -0.36); ctx.lineTo(-0.36, 0.36); ctx.stroke(); },
  plus: (ctx) => { ctx.moveTo(-0.45, 0); ctx.lineTo(0.45, 0); ctx.moveTo(0, -0.45); ctx.lineTo(0, 0.45); ctx.stroke(); },
  below: (ctx) => { ctx.moveTo(-0.4, -0.4); ctx.lineTo(0.4, -0.4); ctx.lineTo(0, 0.3); ctx.closePath(); ctx.stroke(); },
};

const CROWD = 1500; // more marks than this are small rectangles, which are drawn much faster
const SPECKS = { dot: [3, 3], bar: [1, 7] }; // their width and height
const stamps = new Map();

// A glyph, drawn once, to be stamped where its trials lie.
function stampOf(glyph, ink, size) {
  const name = `${glyph} ${ink} ${size}`;
  if (!stamps.has(name)) stamps.set(name, newStamp(glyph, ink, size));
  return stamps.get(name);
}

function newStamp(glyph, ink, size) {
  const stamp = document.createElement("canvas");
  stamp.width = stamp.height = Math.ceil(size) + 2;
  const ctx = stamp.getContext("2d");
  ctx.translate(stamp.width / 2, stamp.height / 2);
  ctx.scale(size, size);
  ctx.fillStyle = ctx.strokeStyle = ink;
  ctx.lineWidth = 0.16;
  ctx.beginPath();
  GLYPHS[glyph](ctx);
  return stamp;
}

// The opacity at which marks stay visible where they are dense.
const opacity = (count, most) => Math.min(most, Math.max(0.15, 30 / Math.max(count, 1)));

function paintMarks(trace, { glyph, ink, size = 9, most = 0.8 }) {
  return ({ ctx, ratio, px, py, bottom }, rows) => {
    const inside = stampOf(glyph, color(ink), size * ratio);
    const below = stampOf(glyph === "cross" ? "cross" : "below", color("--ink"), 8 * ratio);
    const speck = rows.length > CROWD && SPECKS[glyph]?.map((length) => length * ratio);
    ctx.fillStyle = color(ink);
    ctx.globalAlpha = opacity(rows.length, most);
    for (const row of rows) {
      const last = trace(row) - 1;
      if (last < 0) continue;
      const isBelow = spots.y[last] < 0;
      const stamp = isBelow ? below : inside;
      const [width, height] = speck && !isBelow ? speck : [stamp.width, stamp.height];
      const left = Math.round(px(spots.x[last]) - width / 2);
      const top = Math.round((isBelow ? bottom : py(spots.y[last])) - height / 2);
      if (speck && !isBelow) ctx.fillRect(left, top, width, height);
      else ctx.drawImage(stamp, left, top);
    }
    ctx.globalAlpha = 1;
  };
}

// The color of a line is `ink` or, if it is given, what `shadeOf` returns for its row. Rows that
// follow one another in one color are drawn at once.
function paintLines(trace, { ink, shadeOf, width = 1, dash = [], most = 0.85, halo = false }) {
  return ({ ctx, ratio, px, py }, rows) => {
    ctx.lineJoin = "round";
    ctx.globalAlpha = opacity(rows.length / 8, most);
    ctx.setLineDash(dash.map((length) => length * ratio));
    const inkOf = shadeOf ?? (() => plain);
    const plain = ink && color(ink);
    const crowded = rows.length > 100 ? 0.7 : 1;
    const stroke = (style, wide) => {
      ctx.strokeStyle = style;
      ctx.lineWidth = wide * ratio;
      ctx.stroke();
    };
    for (let i = 0; i < rows.length;) {
      const style = inkOf(rows[i]);
      ctx.beginPath();
      for (; i < rows.length && inkOf(rows[i]) === style; i++) {
        const count = trace(rows[i]);
        for (let k = 0; k < count; k++) {
          if (k) ctx.lineTo(px(spots.x[k]), py(spots.y[k]));
          else ctx.moveTo(px(spots.x[k]), py(spots.y[k]));
        }
      }
      if (halo) stroke(color("--card"), width + 2.5);
      stroke(style, crowded * width);
    }
    ctx.setLineDash([]);
    ctx.globalAlpha = 1;
  };
}

// Lines that belong to no single trial: pairs of points, in the units of the axes.
function paintSegments(segments, { ink, width = 1, dash = [] }) {
  return ({ ctx, ratio, px, py }) => {
    ctx.strokeStyle = color(ink);
    ctx.lineWidth = width * ratio;
    ctx.setLineDash(dash.map((length) => length * ratio));
    ctx.beginPath();
    for (const [[ax, ay], [bx, by]] of segments) {
      ctx.moveTo(px(ax), py(ay));
      ctx.lineTo(px(bx), py(by));
    }
    ctx.stroke();
    ctx.setLineDash([]);
  };
}

// A line that keeps its value until the next point.
function stepped(points) {
  const corners = [];
  points.forEach(([x, y], i) => {
    if (i) corners.push([[points[i - 1][0], points[i - 1][1]], [x, points[i - 1][1]]], [[x, points[i - 1][1]], [x, y]]);
  });
  return corners;
}
