// The filter of the table: words that a row must contain, and conditions such as `epochs <= 10`.
// `textOf` returns the text of a cell; a `%` after a number is ignored, because values of a metric
// that is a fraction of examples are in percent.
function tableFilter(columns, textOf) {
  const known = new Map(columns.map((column) => [column.key.toLowerCase(), column]));
  const CONDITION = /([^\s<>=!"]+)\s*(<=|>=|!=|<|>|=)\s*("[^"]*"|[^\s"]*)/y;
  const WORD = /"([^"]*)"|\S+/y;
  const names = columns.map((column) => column.key).join(", ");
  const bare = (text) => text.replaceAll('"', "").toLowerCase();
  const asNumber = (text) => (text === "" ? NaN : Number(text.replace(/%$/, "")));

  function condition(name, sign, text) {
    const column = known.get(name.toLowerCase());
    if (!column) return { problem: `There is no column “${name}”. The columns are: ${names}.` };
    if (text === "") return {}; // still being typed
    const limit = asNumber(text);
    if (sign === "=" || sign === "!=") {
      const equal = (row) => column.values[row] !== null && (column.values[row] === limit || textOf(column, row).toLowerCase() === text);
      return { keeps: sign === "=" ? equal : (row) => !equal(row) };
    }
    if (Number.isNaN(limit)) return { problem: `${name} ${sign} needs a number, got “${text}”.` };
    const holds = {
      "<": (x) => x < limit, ">": (x) => x > limit, "<=": (x) => x <= limit, ">=": (x) => x >= limit,
    }[sign];
    return { keeps: (row) => typeof column.values[row] === "number" && holds(column.values[row]) };
  }

  // Return the conditions of a text: `keeps` says of a row whether all hold, `problem` what is wrong.
  return function parse(text) {
    const wanted = text.replace(/\s+%/g, "%").trim();
    const parts = [];
    for (let at = 0; at < wanted.length; ) {
      CONDITION.lastIndex = WORD.lastIndex = at;
      let found = CONDITION.exec(wanted);
      if (found) {
        parts.push(condition(found[1], found[2], bare(found[3])));
      } else {
        found = WORD.exec(wanted);
        const word = bare(found[0]);
        parts.push({ keeps: (row) => columns.some((column) => textOf(column, row).toLowerCase().includes(word)) });
      }
      at += found[0].length;
      while (/\s/.test(wanted[at] ?? "")) at += 1;
    }
    const conditions = parts.flatMap((part) => part.keeps ?? []);
    return {
      keeps: (row) => conditions.every((holds) => holds(row)),
      problem: parts.map((part) => part.problem).find(Boolean) ?? "",
    };
  };
}
