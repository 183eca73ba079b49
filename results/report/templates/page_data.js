"use strict";
// What the page carries, read once for the table and the charts: the columns of the table, the
// learning curves, and the places of the trials on the axes of the charts.
//
// A row counts from 0, in the order of the trial numbers. The table and the charts know each other
// only through `nnsweep.details`, which the table provides, and three events of the document:
//   nnsweep:brush   from the charts: `detail.keeps` says of a row whether the brushes keep it; null
//                   if nothing is brushed
//   nnsweep:shown   from the table: `detail.rows` are the rows that its filter and the brushes keep
//   nnsweep:select  from either: `detail.row` is the row of the selected trial, or null;
//                   `detail.from` names the sender, "table" or a chart
const nnsweep = (() => {
  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const { columns, curves, metric, train } = read("data");
  const keys = columns.map((column) => column.key);
  const valuesOf = (key) => columns[keys.indexOf(key)].values;

  // The packed curves follow one another: a trial's points start where the previous trial's end.
  const starts = [0];
  for (const length of curves.lengths) starts.push(starts[starts.length - 1] + length);
  const unpacked = new Map();

  function unpack(name) {
    if (!unpacked.has(name)) {
      const bytes = Uint8Array.from(atob(curves[name] || ""), (c) => c.charCodeAt(0));
      unpacked.set(name, new DataView(bytes.buffer));
    }
    return unpacked.get(name);
  }

  function halfPrecision(bits) {
    const sign = bits & 0x8000 ? -1 : 1;
    const exponent = (bits >> 10) & 0x1f;
    const fraction = bits & 0x3ff;
    if (exponent === 0) return sign * fraction * 2 ** -24;
    if (exponent === 0x1f) return fraction ? NaN : sign * Infinity;
    return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
  }

  // The points [epoch, value] of a trial's curve; `convert` makes a value of what is carried.
  function points(row, name, convert) {
    if (!curves[name]) return [];
    const values = unpack(name);
    const epochs = unpack("epoch");
    const pairs = [];
    for (let i = starts[row]; i < starts[row + 1]; i++) {
      const y = convert(halfPrecision(values.getUint16(2 * i, true)));
      if (Number.isFinite(y)) pairs.push([epochs.getUint16(2 * i, true), y]);
    }
    return pairs;
  }

  // A fraction is carried as an error, and shown in percent if the metric is.
  function metricValue(carried) {
    if (!metric.percent) return metric.unit * carried;
    return 100 * (metric.key.endsWith("accuracy") ? 1 - carried : carried);
  }

  // The text of a cell of the table.
  function cellText({ key, values }, row) {
    const value = values[row];
    if (value === null) return "";
    if (key !== metric.key) return String(value);
    return value.toFixed(metric.decimals) + (metric.percent ? "%" : "");
  }

  const hasCurve = (row) => curves.lengths[row] > 0;

  function tell(name, detail) {
    document.dispatchEvent(new CustomEvent(`nnsweep:${name}`, { detail }));
  }

  function hear(name, listener) {
    document.addEventListener(`nnsweep:${name}`, (event) => listener(event.detail));
  }

  function element(name, className, text) {
    const node = document.createElement(name);
    if (className) node.className = className;
    if (text !== undefined) node.textContent = text;
    return node;
  }

  const rowCount = columns[0].values.length;
  return {
    columns, keys, metric, train, rowCount, views: read("views"),
    valuesOf, points, hasCurve, metricValue, cellText, tell, hear, element,
  };
})();
