// Brushes on the axes of the parallel coordinates: a trial stays if its line goes through each of
// them. A brush is drawn with the pointer, or moved with the keys on its axis.
const GRIP = 7; // CSS pixels around the end of a brush that take hold of it
const STEP = 0.05; // what an arrow key moves a brush, of the length of the axis

const KEYS = "Arrow keys brush this axis and move the brush; with Shift, they move its upper end. Escape removes it.";

// `changed` is called after each change. Returns { keeps, text, clear }: which rows the brushes keep
// (null without a brush), the brushes as words, and the function that removes them all.
function newBrushes({ plot }, { axes, notSet }, changed) {
  const brushes = axes.map(() => null); // [low, high] in places
  const lowest = notSet === null ? 0 : notSet - 0.06;
  const highest = 1 + 0.05;
  const toPlace = (clientY) => {
    const box = plot.over.getBoundingClientRect();
    return plot.posToVal(clientY - box.top, "y");
  };
  const inRange = (place) => Math.min(highest, Math.max(lowest, place));

  const handles = axes.map((axis, i) => {
    const handle = nnsweep.element("div", "axis");
    handle.tabIndex = 0;
    handle.title = `Drag to brush ${axis.name}`;
    const facts = { role: "slider", "aria-orientation": "vertical", "aria-label": `Brush ${axis.name}`, "aria-description": KEYS, "aria-valuemin": 0, "aria-valuemax": 100 };
    for (const [name, value] of Object.entries(facts)) handle.setAttribute(name, value);
    const line = nnsweep.element("div", "line");
    const band = nnsweep.element("div", "band");
    band.hidden = true;
    const unset = notSet !== null && axis.places?.includes(null) ? [[notSet, "not set"]] : [];
    const labels = [...unset, ...axis.ticks].map(([place, text]) => {
      const label = nnsweep.element("span", "label", text);
      label.dataset.place = place;
      return label;
    });
    const name = nnsweep.element("span", "name");
    axis.name.split(/(?<=_)/).forEach((part) => name.append(part, document.createElement("wbr")));
    handle.append(line, ...labels, band, name);
    plot.over.append(handle);
    dragging(handle, i);
    handle.addEventListener("keydown", (event) => pressed(event, i));
    return { handle, line, band, labels };
  });

  function place() {
    const top = (value) => `${plot.valToPos(value, "y")}px`;
    handles.forEach(({ handle, line, band, labels }, i) => {
      handle.style.left = `${plot.valToPos(i, "x")}px`;
      line.style.top = top(1);
      line.style.height = `${plot.valToPos(0, "y") - plot.valToPos(1, "y")}px`;
      for (const label of labels) label.style.top = top(label.dataset.place);
      const brush = brushes[i];
      band.hidden = !brush;
      if (brush) {
        band.style.top = top(brush[1]);
        band.style.height = `${plot.valToPos(brush[0], "y") - plot.valToPos(brush[1], "y")}px`;
      }
      handle.setAttribute("aria-valuenow", Math.round(100 * Math.min(1, Math.max(0, brush ? brush[1] : 1))));
      handle.setAttribute("aria-valuetext", brush ? inWords(axes[i], brush) : "all trials");
    });
  }

  function set(i, brush) {
    brushes[i] = brush && [inRange(Math.min(...brush)), inRange(Math.max(...brush))];
    place();
    changed();
  }

  function dragging(handle, i) {
    let start = null;
    handle.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      const at = toPlace(event.clientY);
      const near = (end) => Math.abs(plot.valToPos(end, "y") - plot.valToPos(at, "y")) < GRIP;
      const brush = brushes[i];
      start = { at, y: event.clientY, brush, end: brush ? brush.findIndex(near) : -1 };
      start.moves = Boolean(brush) && start.end < 0 && at > brush[0] && at < brush[1];
      handle.setPointerCapture(event.pointerId);
    });
    handle.addEventListener("pointermove", (event) => {
      if (!start) return;
      const at = toPlace(event.clientY);
      if (Math.abs(event.clientY - start.y) < 3 && !start.dragged) return;
      start.dragged = true;
      if (start.end >= 0) set(i, [start.brush[1 - start.end], at]);
      else if (start.moves) set(i, shifted(start.brush, at - start.at));
      else set(i, [start.at, at]);
    });
    const stop = () => {
      if (start && !start.dragged && !start.moves && start.brush && start.end < 0) set(i, null);
      start = null;
    };
    handle.addEventListener("pointerup", stop);
    handle.addEventListener("pointercancel", stop);
  }

  function shifted([low, high], by) {
    const kept = Math.min(Math.max(by, lowest - low), highest - high);
    return [low + kept, high + kept];
  }

  function pressed(event, i) {
    const brush = brushes[i];
    const up = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (up) {
      if (!brush) set(i, up > 0 ? [2 / 3, 1] : [0, 1 / 3]);
      else if (event.shiftKey) set(i, [brush[0], Math.max(brush[0], brush[1] + up * STEP)]);
      else set(i, shifted(brush, up * STEP));
    } else if (brush && ["Escape", "Delete", "Backspace"].includes(event.key)) {
      set(i, null);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  function keeps() {
    const active = axes.map((axis, i) => ({ axis, brush: brushes[i] })).filter(({ brush }) => brush);
    if (!active.length) return null;
    return (row) => active.every(({ axis, brush: [low, high] }) => {
      const at = axis.placeOf(row);
      const half = (axis.fan ?? 0) / 2; // a brush that touches the lines of a choice takes them all
      return at + half >= low && at - half <= high;
    });
  }

  return {
    keeps,
    place,
    text: () => axes.flatMap((axis, i) => (brushes[i] ? [`${axis.name} ${inWords(axis, brushes[i])}`] : [])).join("; "),
    clear: () => { brushes.fill(null); place(); changed(); },
  };
}

// What a brush holds, in the units of its axis.
function inWords(axis, [low, high]) {
  if (axis.fan !== undefined) {
    const half = axis.fan / 2;
    const held = axis.choices.filter(([place]) => place + half >= low && place - half <= high);
    return held.map(([, text]) => text).join(", ") || "no choice";
  }
  const text = (place) => String(Number(valueAt(axis, Math.min(1, Math.max(0, place))).toPrecision(3)));
  return high < 0 ? "not set" : `${text(low)} to ${text(high)}`;
}

const valueAt = ({ low, high, log }, place) => (log ? low * (high / low) ** place : low + (high - low) * place);
