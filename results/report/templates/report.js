// The table of trials: sorting, filtering and paging; a click on a trial shows its learning
// curves and the command that trains it again.
(() => {
  const PAGE_ROWS = 50;
  const byId = (id) => document.getElementById(id);
  const { columns, keys, metric, train, rowCount, valuesOf, points, metricValue, element, cellText } = nnsweep;
  if (!rowCount) return;

  const table = byId("table");
  const body = table.tBodies[0];
  const opened = new Set();
  let chosen = null; // the row of the selected trial
  let keeps = null; // says of a row whether the brushes of the charts keep it
  let sortKey = metric.key;
  let ascending = !metric.rises;
  let rows = [];
  let page = 0;

  // Drawing.
  function svg(name, attributes, text) {
    const node = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    if (text !== undefined) node.textContent = text;
    return node;
  }

  function niceTicks(low, high, most) {
    const rough = (high - low) / most || 1;
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= rough);
    const ticks = [];
    for (let k = Math.ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; k++) {
      ticks.push(Number((k * step).toPrecision(12)));
    }
    return ticks;
  }

  function chart(row, title, measure, convert, best) {
    const series = [
      ["train", "training", points(row, `train_${measure}`, convert)],
      ["validation", "validation", points(row, `validation_${measure}`, convert)],
    ].filter(([, , line]) => line.length);
    const all = series.flatMap(([, , line]) => line);
    if (!all.length) return null;
    const [width, height, left, right, top, bottom] = [440, 260, 52, 14, 30, 42];
    const xs = all.map(([x]) => x);
    const ys = all.map(([, y]) => y);
    let [x0, x1] = [Math.min(...xs), Math.max(...xs)];
    let [y0, y1] = [Math.min(...ys), Math.max(...ys)];
    if (x0 === x1) [x0, x1] = [x0 - 1, x1 + 1];
    const margin = (y1 - y0) * 0.06 || Math.abs(y0) * 0.05 || 1;
    [y0, y1] = [y0 - margin, y1 + margin];
    const px = (x) => left + ((x - x0) / (x1 - x0)) * (width - left - right);
    const py = (y) => height - bottom - ((y - y0) / (y1 - y0)) * (height - top - bottom);
    const last = series.map(([, label, line]) => `${label} ${Number(line[line.length - 1][1].toPrecision(3))}`);
    const label = `${title} over ${all.length / series.length} epochs; last values: ${last.join(", ")}`;
    const picture = svg("svg", { viewBox: `0 0 ${width} ${height}`, class: "chart", role: "img", "aria-label": label });
    for (const y of niceTicks(y0, y1, 5)) {
      picture.append(svg("line", { class: "grid", x1: left, x2: width - right, y1: py(y), y2: py(y) }));
      picture.append(svg("text", { class: "tick", x: left - 6, y: py(y) + 4, "text-anchor": "end" }, String(y)));
    }
    for (const x of niceTicks(x0, x1, 6).filter(Number.isInteger)) {
      picture.append(svg("text", { class: "tick", x: px(x), y: height - bottom + 16, "text-anchor": "middle" }, String(x)));
    }
    if (best !== null && best >= x0 && best <= x1) {
      picture.append(svg("line", { class: "best", x1: px(best), x2: px(best), y1: top, y2: height - bottom }));
    }
    let legend = left;
    for (const [kind, name, line] of series) {
      if (line.length === 1) {
        picture.append(svg("circle", { class: kind, cx: px(line[0][0]), cy: py(line[0][1]), r: 4 }));
      }
      const path = line.map(([x, y]) => `${px(x).toFixed(1)},${py(y).toFixed(1)}`).join(" ");
      picture.append(svg("polyline", { class: `curve ${kind}`, points: path }));
      picture.append(svg("line", { class: `curve ${kind}`, x1: legend, x2: legend + 26, y1: height - 8, y2: height - 8 }));
      picture.append(svg("text", { x: legend + 32, y: height - 4 }, name));
      legend += 110;
    }
    picture.append(svg("text", { x: width - right, y: height - 4, "text-anchor": "end", class: "tick" }, "epoch"));
    picture.append(svg("text", { x: left, y: 18 }, title));
    return picture;
  }

  // The curves of a trial, and the command that trains it again.
  function details(row) {
    const parts = document.createDocumentFragment();
    const number = valuesOf("trial")[row];
    const best = valuesOf("best_epoch")[row];
    const charts = element("div", "charts");
    const isAccuracy = metric.key === "accuracy";
    for (const picture of [
      isAccuracy ? null : chart(row, `Trial ${number}: ${metric.title}${metric.percent ? " (%)" : ""}`, metric.key, metricValue, best),
      chart(row, `Trial ${number}: accuracy (%)`, "accuracy", (error) => 100 * (1 - error), best),
      chart(row, `Trial ${number}: cost`, "cost", (cost) => cost, best),
    ]) {
      if (picture) charts.append(picture);
    }
    if (!charts.children.length) {
      parts.append(element("p", "", `Trial ${number} has no learning curves; its stop reason is ${valuesOf("stop_reason")[row]}.`));
    }
    parts.append(charts);
    if (valuesOf("stop_reason")[row] !== "error") {
      parts.append(element("p", "help", "Train this trial again, to the same bits:"));
      parts.append(copyable(element("code", "command", `${train} ${number}`)));
    }
    return parts;
  }
  nnsweep.details = details;

  function detail(row) {
    const line = element("tr", "detail");
    line.id = `detail-${row}`;
    const cell = element("td");
    cell.colSpan = columns.length;
    cell.append(details(row));
    line.append(cell);
    return line;
  }

  // The table.
  function compare(a, b) {
    const values = valuesOf(sortKey);
    const [x, y] = [values[a], values[b]];
    if (x === y) return a - b;
    if (x === null) return 1; // missing values come last in either order
    if (y === null) return -1;
    const order = typeof x === "number" && typeof y === "number" ? x - y : String(x) < String(y) ? -1 : 1;
    return ascending ? order : -order;
  }

  const parseFilter = tableFilter(columns, cellText);

  function select() {
    const filter = parseFilter(byId("filter").value);
    byId("problem").textContent = filter.problem;
    byId("filter").setAttribute("aria-invalid", String(filter.problem !== ""));
    rows = [];
    for (let row = 0; row < rowCount; row++) {
      if ((!keeps || keeps(row)) && filter.keeps(row)) rows.push(row);
    }
    rows.sort(compare);
    page = 0;
    show();
    nnsweep.tell("shown", { rows });
  }

  function toggle(row, line, button) {
    if (opened.delete(row)) {
      line.nextElementSibling.remove();
    } else {
      opened.add(row);
      line.after(detail(row));
    }
    line.classList.toggle("open", opened.has(row));
    button.setAttribute("aria-expanded", String(opened.has(row)));
    if (opened.has(row)) nnsweep.tell("select", { row, from: "table" });
    else if (row === chosen) nnsweep.tell("select", { row: null, from: "table" });
  }

  function tableRow(row) {
    const line = element("tr", "trial");
    columns.forEach((column) => {
      const { key, numbers, values } = column;
      const cell = element(key === "trial" ? "th" : "td", numbers ? "number" : "");
      if (key === "trial") {
        cell.scope = "row";
        const button = element("button", "", cellText(column, row));
        button.type = "button";
        button.setAttribute("aria-expanded", String(opened.has(row)));
        button.setAttribute("aria-controls", `detail-${row}`);
        button.setAttribute("aria-label", `Trial ${values[row]}: curves`);
        cell.append(button);
      } else {
        cell.textContent = cellText(column, row);
      }
      line.append(cell);
    });
    const button = line.querySelector("button");
    line.addEventListener("click", () => {
      if (!String(getSelection())) toggle(row, line, button); // selecting text must not toggle the row
    });
    line.classList.toggle("open", opened.has(row));
    line.classList.toggle("chosen", row === chosen);
    return line;
  }

  function show() {
    const pages = Math.max(1, Math.ceil(rows.length / PAGE_ROWS));
    page = Math.min(page, pages - 1);
    const shown = rows.slice(page * PAGE_ROWS, (page + 1) * PAGE_ROWS);
    const lines = shown.flatMap((row) => (opened.has(row) ? [tableRow(row), detail(row)] : [tableRow(row)]));
    if (!lines.length) {
      const cell = element("td", "", "No trials match the filter.");
      cell.colSpan = columns.length;
      const line = element("tr");
      line.append(cell);
      lines.push(line);
    }
    body.replaceChildren(...lines);
    byId("count").textContent = `${rows.length.toLocaleString("en")} of ${rowCount.toLocaleString("en")} trials`;
    byId("pager").hidden = pages === 1;
    byId("page").textContent = `Page ${page + 1} of ${pages}`;
    byId("previous").disabled = page === 0;
    byId("next-page").disabled = page === pages - 1;
    [...table.tHead.rows[0].cells].forEach((cell, i) => {
      const order = ascending ? "ascending" : "descending";
      cell.setAttribute("aria-sort", keys[i] === sortKey ? order : "none");
    });
  }

  [...table.tHead.rows[0].cells].forEach((cell, i) => {
    const button = element("button");
    button.type = "button";
    button.append(...cell.childNodes);
    button.addEventListener("click", () => {
      // A second click reverses the order; values of the metric start with the best.
      ascending = sortKey === keys[i] ? !ascending : keys[i] !== metric.key || !metric.rises;
      sortKey = keys[i];
      select();
    });
    cell.replaceChildren(button);
  });
  body.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || event.target.tagName !== "BUTTON") return;
    const buttons = [...body.querySelectorAll("tr.trial button")];
    const next = buttons[buttons.indexOf(event.target) + step];
    if (next) {
      next.focus();
      event.preventDefault();
    }
  });
  nnsweep.hear("brush", (brush) => {
    keeps = brush.keeps;
    select();
  });
  nnsweep.hear("select", ({ row, from }) => {
    chosen = row;
    if (from !== "table" && rows.includes(row)) {
      opened.add(row);
      page = Math.floor(rows.indexOf(row) / PAGE_ROWS);
    }
    if (from !== "table") show();
    [...body.querySelectorAll("tr.trial")].forEach((line, i) => {
      line.classList.toggle("chosen", rows[page * PAGE_ROWS + i] === chosen);
    });
  });
  byId("filter").addEventListener("input", select);
  byId("previous").addEventListener("click", () => { page -= 1; show(); });
  byId("next-page").addEventListener("click", () => { page += 1; show(); });
  byId("controls").hidden = false;
  select();
})();

// The page of a run that is under way reloads itself, unless the reader switches that off.
(() => {
  const place = document.getElementById("refresh");
  if (!place) return;
  const box = place.querySelector("input");
  const refresh = document.createElement("meta");
  refresh.httpEquiv = "refresh";
  refresh.content = "60";
  const key = `refresh ${location.pathname}`;
  try {
    box.checked = sessionStorage.getItem(key) !== "off";
  } catch {
    box.checked = true;  // a browser that stores nothing
  }
  if (box.checked) document.head.append(refresh);
  box.addEventListener("change", () => {
    try {
      sessionStorage.setItem(key, box.checked ? "on" : "off");
    } catch {
      // Then the choice holds until the page is opened again.
    }
    if (box.checked) document.head.append(refresh);
    else {
      refresh.remove();
      window.stop();  // the reload that is already planned
    }
  });
  place.hidden = false;
})();
