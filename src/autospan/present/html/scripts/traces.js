// The predicted traces: what encloses what, before and after.

const byAddress = new Map(functions.map((row) => [`${row.path}:${row.line}`, row]));

function traceLine(row) {
  const [before, after] = row.tally;
  const over = after.noisy || after.hasty;
  const shown = row.name === row.function ? "" : row.function;
  return [
    make("span", { class: "kind" }, row.kind),
    make(
      "span",
      {},
      make("span", { class: "name" }, make("b", {}, breakable(row.name))),
      " ",
      make("span", { class: "where" }, breakable(shown)),
    ),
    make(
      "span",
      { class: "state" },
      rootOf(row),
      " ",
      over && make("span", { class: "tag warn" }, "over the budget"),
      " ",
      before.spans === after.spans
        ? counted(after.spans, "span")
        : `${before.spans} → ${counted(after.spans, "span")}`,
    ),
  ];
}

function rootOf(row) {
  const [before, after] = row.root;
  if (!after) return make("span", { class: "tag warn" }, "no root span");
  return before ? "" : make("span", { class: "tag plan" }, "traced by the plan");
}

function traceDetail(row) {
  const evidence = make("p", { class: "budget" }, `${row.evidence}, ${row.place}`);
  if (!row.after)
    return [evidence, make("p", {}, "There was no room on this page for these spans.")];
  return [
    evidence,
    make(
      "div",
      { class: "pair" },
      traceHalf("Without the plan", row.before, row.tally[0], row.root[0]),
      traceHalf("With the plan", row.after, row.tally[1], row.root[1]),
    ),
  ];
}

function traceHalf(title, spans, tally, root) {
  return make(
    "div",
    {},
    make("h3", {}, title),
    budgetOf(tally),
    spans.length
      ? treeOf(spans)
      : make("p", { class: "budget" }, "No span: nothing of this is seen."),
    spans.length && !root
      ? make(
          "p",
          { class: "budget" },
          "Nobody opens a root: each of these starts a trace of its own.",
        )
      : "",
  );
}

function budgetOf({ internal, short, open, noisy, hasty }) {
  const limit = (number, most, over, rule, words) =>
    make(
      "span",
      { class: over && "over", title: `instrumentation-score ${rule}` },
      `${number} of at most ${most} ${words}`,
    );
  return make(
    "p",
    { class: "budget" },
    limit(internal, data.limits[0], noisy, "SPA-001", "internal"),
    " · ",
    limit(short, data.limits[1], hasty, "SPA-005", "under 5 ms"),
    open && " · loops repeat some",
  );
}

/** The spans as rows, each with a bar: a span is as wide as the spans that it encloses. */
function treeOf(spans) {
  const width = spans.reduce((sum, span) => sum + breadth(span), 0);
  let at = 0;
  return make(
    "ul",
    { class: "trace" },
    spans.map((span) => {
      const row = branch(span, 0, at, width);
      at += breadth(span);
      return row;
    }),
  );
}

function breadth(span) {
  return Math.max(
    1,
    span[6].reduce((sum, child) => sum + breadth(child), 0),
  );
}

function branch(span, depth, at, width) {
  const [name, origin, by, place, often, cut, children] = span;
  const row = make(
    "div",
    { class: "span-row" },
    make(
      "span",
      { class: "span-name", "--depth": depth, title: `${name}\n${place}${by && `\n${by}`}` },
      labelOf(name, origin, place),
      often && make("small", {}, `× ${often}`),
    ),
    make(
      "span",
      { class: "lane", "aria-hidden": "true" },
      make("i", {
        class: origin,
        "--from": `${(100 * at) / width}%`,
        "--size": `${(100 * breadth(span)) / width}%`,
      }),
    ),
  );
  const below = [];
  for (const child of children) {
    below.push(branch(child, depth + 1, at, width));
    at += breadth(child);
  }
  if (cut) below.push(make("li", { class: "cut", "--depth": depth + 1 }, `and ${cut} more`));
  return make("li", {}, row, below.length ? make("ul", {}, below) : "");
}

function labelOf(name, origin, place) {
  const short = origin === "auto" ? name : name.split(".").slice(-2).join(".");
  const row = origin === "planned" ? byAddress.get(place) : undefined;
  if (row)
    return make("button", { type: "button", onclick: () => functionList.reveal(row) }, short);
  return origin === "planned" ? make("b", {}, short) : make("span", {}, short);
}

const traceRoot = document.querySelector("[data-list=traces]");
if (traceRoot) {
  const isChanged = (row) => row.tally[0].spans !== row.tally[1].spans;
  const traceList = new Listing(traceRoot, {
    noun: "entry point",
    page: 10,
    rows: data.traces.rows,
    text: (row) => `${row.kind} ${row.name} ${row.function} ${row.place}`,
    filters: {
      All: () => true,
      "Changed by the plan": isChanged,
      "No root span": (row) => !row.root[1],
      "Over the budget": (row) => row.tally[1].noisy || row.tally[1].hasty,
    },
    sorts: {
      "most new spans first": null,
      "by kind": (one, other) =>
        one.kind === other.kind ? (one.name < other.name ? -1 : 1) : one.kind < other.kind ? -1 : 1,
      "most spans first": (one, other) => other.tally[1].spans - one.tally[1].spans,
    },
    line: traceLine,
    detail: traceDetail,
  });
  traceList.admit(data.traces.total);
  const first = traceList.buttons()[0];
  if (first) traceList.toggle(first, true);
}
