// Links the views: what is pointed at, selected, filtered or brushed in one is so in all.
//
// Each view takes the place of its static figure on the screen; the figure stays for print and for
// readers without JavaScript. A view is drawn when it comes near the window.
(() => {
  if (!rowCount) return;
  const { columns, valuesOf, element, hear, tell } = nnsweep;
  const shown = new Uint8Array(rowCount).fill(1); // whether filter and brushes keep a row
  const drawn = []; // the views that are drawn: { figure, name, panels, stale, visible, … }
  let [hovered, chosen] = [null, null];

  const isShown = (row) => shown[row] === 1;
  const facts = columns.filter(({ key }) => [metric.key, "epochs", "stop_reason"].includes(key) || run.parameters.includes(key));
  const named = (row) => `Trial ${valuesOf("trial")[row]}`;

  const cellOf = (column, row) => nnsweep.cellText(column, row) || "–";

  // What a screen reader says.
  const live = document.body.appendChild(element("p", "unseen"));
  live.setAttribute("role", "status");
  const say = (text) => { live.textContent = text; };
  const described = (row) => `${named(row)}: ${facts.map((column) => `${column.key} ${cellOf(column, row)}`).join(", ")}`;

  const help = document.body.appendChild(element("p", "unseen", "Left and right arrow keys move over the trials by number, up and down by value; Home is the best. Enter selects a trial, Escape clears the selection."));
  help.id = "chart-keys";

  // The box beside the trial that is pointed at.
  const tip = document.body.appendChild(element("div", "tip"));
  tip.hidden = true;
  tip.setAttribute("aria-hidden", "true"); // the status says the same

  function showTip(row, x, y) {
    const list = element("dl");
    for (const column of facts) list.append(element("dt", "", column.key), element("dd", "", cellOf(column, row)));
    tip.replaceChildren(element("strong", "", named(row)), list);
    tip.hidden = false;
    const [width, height] = [tip.offsetWidth, tip.offsetHeight];
    tip.style.left = `${x + 18 + width < innerWidth ? x + 18 : Math.max(4, x - 18 - width)}px`;
    tip.style.top = `${Math.min(Math.max(4, y + 12), Math.max(4, innerHeight - height - 4))}px`;
  }

  const eachPanel = (act) => drawn.forEach((view) => view.panels?.forEach(act));

  function hover(row) {
    hovered = row;
    if (row === null) tip.hidden = true;
    eachPanel((panel) => panel.mark("hovered", row));
  }

  function choose(row, from) {
    tell("select", { row, from });
    say(row === null ? "No trial is selected." : `Selected. ${described(row)}`);
  }

  // The selected trial, below the chart where it was selected.
  const sheet = element("div", "chosen-trial");
  sheet.setAttribute("role", "region");
  sheet.setAttribute("aria-label", "Selected trial");

  hear("select", ({ row, from }) => {
    chosen = row;
    eachPanel((panel) => panel.mark("chosen", row));
    const view = drawn.find(({ name }) => name === from);
    if (row === null || !view) return sheet.remove();
    const close = element("button", "", "Close");
    close.type = "button";
    close.addEventListener("click", () => { choose(null, from); view.stage.focus(); });
    const toTable = element("a", "", "Show in the table");
    toTable.href = "#trials";
    const head = element("p", "head");
    head.append(element("strong", "", named(row)), element("span", "", facts.map((column) => `${column.key} ${cellOf(column, row)}`).join(" · ")), toTable, close);
    sheet.replaceChildren(head, nnsweep.details(row));
    view.tools.after(sheet);
  });

  hear("shown", ({ rows }) => {
    shown.fill(0);
    for (const row of rows) shown[row] = 1;
    if (hovered !== null && !isShown(hovered)) hover(null);
    refresh();
  });

  // Views out of sight are drawn again when they come near.
  function refresh() {
    for (const view of drawn) {
      view.stale = true;
      if (view.visible) update(view);
    }
  }

  function update(view) {
    if (!view.stale || !view.panels) return;
    view.stale = false;
    view.panels.forEach((panel) => panel.update(isShown));
    mark(view);
    const lines = view.name === "slices" || view.name === "best_so_far" ? 0 : shown.reduce((sum, one) => sum + one, 0);
    view.note.textContent = lines > MOST_LINES ? `Of ${lines.toLocaleString("en")} lines, at most ${MOST_LINES.toLocaleString("en")} are drawn, evenly from the worst to the best.` : "";
  }

  function mark(view) {
    for (const panel of view.panels) {
      panel.mark("hovered", hovered);
      panel.mark("chosen", chosen);
    }
  }

  // Pointer and keys.
  function listenTo(panel, view) {
    const { over } = panel.plot;
    const under = (event) => {
      const box = over.getBoundingClientRect();
      return panel.nearest(event.clientX - box.left, event.clientY - box.top);
    };
    over.addEventListener("pointermove", (event) => {
      if (event.buttons) return;
      const row = under(event);
      if (row !== hovered) hover(row);
      if (row !== null) showTip(row, event.clientX, event.clientY);
    });
    over.addEventListener("pointerleave", () => hover(null));
    over.addEventListener("click", (event) => {
      if (event.target.closest(".axis")) return;
      const row = under(event);
      if (row !== null) choose(row, view.name);
    });
  }

  function rowsToWalk(view, byValue) {
    const rows = byValue ? worstFirst.all : Array.from({ length: rowCount }, (_, row) => row);
    return rows.filter((row) => isShown(row) && view.panels.some((panel) => panel.trace(row)));
  }

  function pressed(event, view) {
    if (event.target !== view.stage) return;
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: 1, ArrowDown: -1, Home: 0 }[event.key];
    if (step !== undefined) {
      const rows = rowsToWalk(view, event.key !== "ArrowLeft" && event.key !== "ArrowRight");
      if (!rows.length) return;
      const at = rows.indexOf(hovered ?? chosen);
      const row = at < 0 || step === 0 ? rows[rows.length - 1] : rows[Math.min(rows.length - 1, Math.max(0, at + step))];
      hover(row);
      tipBeside(row, view);
      say(described(row));
    } else if (event.key === "Enter" && hovered !== null) {
      choose(hovered, view.name);
    } else if (event.key === "Escape") {
      hover(null);
      if (chosen !== null) choose(null, view.name);
    } else {
      return;
    }
    event.preventDefault();
  }

  function tipBeside(row, view) {
    const panel = view.panels.find((one) => one.trace(row));
    const points = panel.pixels(row);
    const box = panel.plot.over.getBoundingClientRect();
    const [x, y] = points[points.length - 1];
    showTip(row, box.left + x, box.top + y);
  }

  // The page's elements of a view.
  function legendOf(view, entries) {
    const legend = element("div", "legend");
    legend.setAttribute("role", "group");
    legend.setAttribute("aria-label", "Legend");
    for (const { key, text, ink, sign } of entries) {
      const entry = element(key ? "button" : "span", "entry");
      const swatch = element("span", ink ? "swatch" : "swatch shaded", sign);
      swatch.setAttribute("aria-hidden", "true");
      if (ink) swatch.style.color = `var(${ink})`;
      entry.append(swatch, text);
      if (key) {
        entry.type = "button";
        entry.setAttribute("aria-pressed", "true");
        entry.addEventListener("click", () => {
          const on = entry.getAttribute("aria-pressed") !== "true";
          entry.setAttribute("aria-pressed", String(on));
          view.panels?.forEach((panel) => panel.switched(key, on));
        });
      }
      legend.append(entry);
    }
    return legend;
  }

  function shadeBar() {
    const bar = element("span", "shades");
    const gradient = element("span", "gradient");
    bar.append(run.value.below ? run.value.below : run.value.worst, gradient, run.value.best);
    bar.paint = () => { gradient.style.background = `linear-gradient(to right, ${run.shades[dark.matches ? "dark" : "light"].join(", ")})`; };
    bar.paint();
    return bar;
  }

  function brush(view, spec, panel) {
    const clear = element("button", "", "Remove the brushes");
    clear.type = "button";
    const said = element("output", "brushed");
    let waiting = false;
    const brushes = newBrushes(panel, spec.brushed, () => {
      if (waiting) return;
      waiting = true;
      requestAnimationFrame(() => {
        waiting = false;
        tell("brush", { keeps: brushes.keeps() });
        said.textContent = brushes.text();
        clear.hidden = !brushes.text();
      });
    });
    clear.hidden = true;
    clear.addEventListener("click", () => brushes.clear());
    view.tools.append(said, clear);
    panel.plot.hooks.setSize = [brushes.place];
    brushes.place();
  }

  function draw(view) {
    if (view.panels) return;
    view.panels = view.spec.panels.map((spec, i) => {
      const panel = newPanel(view.stage.children[i], spec);
      listenTo(panel, view);
      return panel;
    });
    if (view.spec.brushed) brush(view, view.spec, view.panels[0]);
    if (chosen !== null || hovered !== null) mark(view);
  }

  function open(name, data) {
    const figure = document.getElementById(`figure-${name}`);
    if (!figure) return;
    const spec = VIEWS[name](data);
    const view = { name, spec, stale: true, visible: false };
    const stage = element("div", `stage ${spec.panels.length > 1 ? "several" : ""}`);
    stage.tabIndex = 0;
    stage.setAttribute("role", "application");
    stage.setAttribute("aria-roledescription", "interactive chart");
    stage.setAttribute("aria-label", figure.querySelector("img").alt);
    stage.setAttribute("aria-describedby", "chart-keys");
    stage.addEventListener("keydown", (event) => pressed(event, view));
    stage.addEventListener("blur", () => hover(null));
    for (const { height } of spec.panels) { // the page does not move when a panel is drawn
      stage.appendChild(element("div", "panel")).style.minHeight = `${height}px`;
    }
    const tools = element("div", "tools");
    view.note = element("span", "help");
    tools.append(legendOf(view, spec.legend), ...(spec.shaded ? [shadeBar()] : []), view.note);
    const frame = element("div", "interactive");
    if (spec.leastWidth) stage.style.minWidth = `${spec.leastWidth}px`;
    if (spec.mostWidth) stage.style.maxWidth = `${spec.mostWidth}px`;
    const scroll = element("div", "scrolled");
    scroll.append(stage);
    frame.append(scroll, tools);
    figure.querySelector(".picture").after(frame);
    figure.classList.add("live");
    drawn.push(Object.assign(view, { stage, tools }));
    new IntersectionObserver(([entry]) => {
      view.visible = entry.isIntersecting;
      if (!view.visible) return;
      draw(view);
      update(view);
    }, { rootMargin: "200px" }).observe(frame);
  }

  for (const [name, data] of Object.entries(run.views)) open(name, data);
  dark.addEventListener("change", () => {
    document.querySelectorAll(".shades").forEach((bar) => bar.paint());
    refresh();
  });
})();
