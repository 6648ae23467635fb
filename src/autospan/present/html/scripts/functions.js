// The ranked functions: why, what would be inserted, where.

const { files, whys, rows: ranked, details, total } = data.functions;

const functions = ranked.map(([file, name, line, score, lines, state = 0, kind = ""], at) => ({
  at,
  name,
  line,
  lines,
  kind,
  refusal: whys[state - 1],
  isPlanned: state < 0,
  score: score / 10000,
  path: files[file][0],
  module: files[file][1],
  full: `${files[file][1]}.${name}`,
}));

const isTraced = (row) => row.refusal?.[0] === "traced";
const isRefused = (row) => row.refusal && !isTraced(row);
const byName = (one, other) => (one.full < other.full ? -1 : 1);

function stateOf(row) {
  if (row.isPlanned) return make("span", { class: "tag plan" }, "in the plan");
  if (!row.refusal) return "";
  return make(
    "span",
    { class: "tag", title: row.refusal[1] },
    isTraced(row) ? "traced already" : "no span",
  );
}

function functionLine(row) {
  const cut = row.name.lastIndexOf(".");
  const owner = cut < 0 ? row.module : `${row.module}.${row.name.slice(0, cut)}`;
  return [
    make("span", { class: "rank" }, String(row.at + 1)),
    make(
      "span",
      { class: "score" },
      make("i", { "--width": `${row.score * 2.6}rem` }),
      row.score.toFixed(2),
    ),
    make(
      "span",
      {},
      named(owner, row.name.slice(cut + 1)),
      " ",
      make(
        "span",
        { class: "where" },
        breakable(`${row.path}:${row.line}`),
        row.kind && ` · ${row.kind}`,
      ),
    ),
    make("span", { class: "state" }, stateOf(row)),
  ];
}

function functionDetail(row) {
  const known = details[row.at];
  const verdict = row.refusal ? [make("p", {}, "No span: ", prose(row.refusal[1]), ".")] : [];
  if (!known) {
    const command = data.explain.replace("NAME", row.full);
    return [...verdict, make("p", {}, make("code", {}, command), " says why, and shows the diff.")];
  }
  return [
    ...verdict,
    make(
      "div",
      { class: "halves" },
      make(
        "div",
        {},
        make("h3", {}, "Reasons"),
        reasonsOf(known.reasons),
        known.span && spanOf(known.span),
      ),
      make(
        "div",
        {},
        known.diff && [make("h3", {}, "The change"), diffOf(known.diff)],
        make("h3", {}, `Source, ${counted(row.lines, "line")}`),
        sourceOf(known.source),
      ),
    ),
  ];
}

function reasonsOf(reasons) {
  return make(
    "ul",
    { class: "reasons" },
    reasons.map(([signal, weight, words, places]) =>
      make(
        "li",
        { class: weight < 0 && "against", title: signal },
        make("b", {}, (weight < 0 ? "−" : "+") + Math.abs(weight).toFixed(3)),
        make(
          "span",
          {},
          prose(words),
          places.length ? make("small", {}, places.slice(0, 3).join("  ")) : "",
        ),
      ),
    ),
  );
}

function spanOf(span) {
  const captures = span.captures.map(([parameter, verdict, why, key]) =>
    make(
      "li",
      { class: verdict !== "captured" && "no" },
      make("code", {}, key || parameter),
      make("span", {}, [verdict, why].filter(Boolean).join(": ")),
    ),
  );
  return make(
    "div",
    {},
    make("h3", {}, span.form === "block" ? "Span, as a block in the body" : "Span"),
    make("span", { class: "name" }, span.name),
    captures.length
      ? [make("h3", {}, "Parameters as attributes"), make("ul", { class: "captures" }, captures)]
      : "",
  );
}

function diffOf(diff) {
  const kinds = { "+": "plus", "-": "minus", "@": "hunk" };
  return make(
    "pre",
    { class: "code diff", tabindex: "0", role: "group", "aria-label": "The diff" },
    diff.split("\n").map((line) => make("div", { class: kinds[line[0]] }, line || " ")),
  );
}

function sourceOf({ first, lines, more, marks }) {
  const shown = lines.map((line, at) =>
    make(
      "div",
      { class: marks[first + at] && "io", "data-io": marks[first + at] },
      make("span", { class: "at" }, String(first + at)),
      make("span", {}, line || " "),
    ),
  );
  if (more)
    shown.push(
      make("div", {}, make("span", { class: "at" }, "…"), `${counted(more, "more line")}`),
    );
  return make(
    "pre",
    { class: "code", tabindex: "0", role: "group", "aria-label": "The source" },
    shown,
  );
}

const functionList = new Listing(document.querySelector("[data-list=functions]"), {
  noun: "function",
  page: 30,
  rows: functions,
  text: (row) => `${row.full} ${row.path} ${row.kind}`,
  filters: {
    All: () => true,
    "In the plan": (row) => row.isPlanned,
    "Could carry a span": (row) => !row.isPlanned && !row.refusal,
    "Traced already": isTraced,
    "No span": isRefused,
  },
  sorts: {
    "best first": null,
    "by name": byName,
    "by file": (one, other) =>
      one.path === other.path ? one.line - other.line : one.path < other.path ? -1 : 1,
    "longest first": (one, other) => other.lines - one.lines,
  },
  line: functionLine,
  detail: functionDetail,
});
functionList.admit(total);
