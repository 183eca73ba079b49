// Painters: each returns a function of a pen and rows that draws on the canvas of a panel.
// `trace` returns the points of a row; a y below 0 is marked at the lower edge of the axes.

const GLYPHS = { // drawn around 0, 0 with a size of 1
  dot: (ctx) => { ctx.arc(0, 0, 0.42, 0, 7); ctx.fill(); },
  bar: (ctx) => { ctx.moveTo(0, -0.5); ctx.lineTo(0, 0.5); ctx.stroke(); },
  cross: (ctx) => { ctx.moveTo(-0.36, -0.36); ctx.lineTo(0.36, 0.36); ctx.moveTo(0.36, -0.36); ctx.lineTo(-0.36, 0.36); ctx.stroke(); },
  plus: (ctx) => { ctx.moveTo(-0.45, 0); ctx.lineTo(0.45, 0); ctx.moveTo(0, -0.45); ctx.lineTo(0, 0.45); ctx.stroke(); },
  below: (ctx) => { ctx.moveTo(-0.4, -0.4); ctx.lineTo(0.4, -0.4); ctx.lineTo(0, 0.3); ctx.closePath(); ctx.stroke(); },
};

// A glyph, drawn once, to be stamped where its trials lie.
function stampOf(glyph, ink, size) {
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
    ctx.globalAlpha = opacity(rows.length, most);
    for (const row of rows) {
      for (const [x, y] of trace(row).slice(-1)) {
        const stamp = y < 0 ? below : inside;
        const top = y < 0 ? bottom : py(y);
        ctx.drawImage(stamp, Math.round(px(x) - stamp.width / 2), Math.round(top - stamp.height / 2));
      }
    }
    ctx.globalAlpha = 1;
  };
}

// `inkOf` returns the color of a row's line. Rows that follow one another in one color are drawn
// at once.
function paintLines(trace, { inkOf, width = 1, dash = [], most = 0.85, halo = false }) {
  return ({ ctx, ratio, px, py }, rows) => {
    ctx.lineJoin = "round";
    ctx.globalAlpha = opacity(rows.length / 8, most);
    ctx.setLineDash(dash.map((length) => length * ratio));
    const crowded = rows.length > 100 ? 0.7 : 1;
    const stroke = (ink, wide) => {
      ctx.strokeStyle = ink;
      ctx.lineWidth = wide * ratio;
      ctx.stroke();
    };
    for (let i = 0; i < rows.length;) {
      const ink = inkOf(rows[i]);
      ctx.beginPath();
      for (; i < rows.length && inkOf(rows[i]) === ink; i++) {
        trace(rows[i]).forEach(([x, y], k) => (k ? ctx.lineTo(px(x), py(y)) : ctx.moveTo(px(x), py(y))));
      }
      if (halo) stroke(color("--card"), width + 2.5);
      stroke(ink, crowded * width);
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
