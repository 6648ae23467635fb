// A list that is searched, filtered, sorted, shown page by page, and opened row by row.

const listings = [];

/**
 * Fill `root` with a list. `options`:
 *   noun      what a row is
 *   page      how many rows are shown at first, and more each time
 *   rows      the rows, in their first order
 *   text      what a row is searched by
 *   filters   {label: test of a row}; the first one is on at the beginning
 *   sorts     {label: comparison of two rows, or null for the first order}
 *   line      the children of a row's button
 *   detail    the elements that are shown below an open row
 */
class Listing {
  constructor(root, options) {
    Object.assign(this, options, { root, query: "" });
    this.filter = Object.keys(this.filters)[0];
    this.sort = Object.keys(this.sorts)[0];
    this.haystack = this.rows.map((row) => this.text(row).toLowerCase());
    this.list = make("ol", { class: "rows", role: "list" });
    this.more = make("button", { type: "button", class: "more", onclick: () => this.grow() });
    root.classList.add(`of-${root.dataset.list}`);
    root.append(this.controls(), this.list, this.more);
    listings.push(this);
    this.update();
  }

  controls() {
    const label = `Search the ${this.noun}s`;
    this.search = make("input", {
      type: "search",
      placeholder: `${label}  /`,
      "aria-label": label,
      autocomplete: "off",
      spellcheck: "false",
      oninput: () => this.update({ query: this.search.value }),
    });
    this.chips = Object.keys(this.filters).map((name) =>
      make(
        "button",
        { type: "button", "data-filter": name, onclick: () => this.update({ filter: name }) },
        `${name} ${this.rows.filter(this.filters[name]).length.toLocaleString("en")}`,
      ),
    );
    const sorting = make(
      "select",
      { "aria-label": "Sort by", onchange: () => this.update({ sort: sorting.value }) },
      Object.keys(this.sorts).map((name) => make("option", {}, name)),
    );
    this.sorting = sorting;
    this.count = make("output", { "aria-live": "polite" });
    return make(
      "div",
      { class: "controls", role: "search", "aria-label": `${this.noun}s` },
      this.search,
      make("div", { class: "chips", role: "group", "aria-label": "Show" }, this.chips),
      sorting,
      this.count,
    );
  }

  /** Change the query, the filter or the order, and show the first page of what is left. */
  update(change = {}) {
    Object.assign(this, change, { shown: this.page });
    const words = this.query.toLowerCase().split(/\s+/).filter(Boolean);
    const test = this.filters[this.filter];
    this.found = this.rows.filter(
      (row, at) => test(row) && words.every((word) => this.haystack[at].includes(word)),
    );
    const order = this.sorts[this.sort];
    if (order) this.found.sort(order);
    this.chips.forEach((chip) =>
      chip.setAttribute("aria-pressed", chip.dataset.filter === this.filter),
    );
    this.count.textContent = counted(this.found.length, this.noun);
    this.list.replaceChildren();
    this.show(0);
  }

  grow() {
    const from = this.shown;
    this.shown += this.page;
    this.show(from);
    this.buttons()[from]?.focus();
  }

  show(from) {
    this.list.append(...this.found.slice(from, this.shown).map((row) => this.item(row)));
    if (!this.found.length) this.list.append(make("li", { class: "empty" }, "Nothing matches."));
    const left = this.found.length - this.shown;
    this.more.hidden = left <= 0;
    this.more.textContent = `Show ${Math.min(left, this.page)} of ${left.toLocaleString("en")} more`;
  }

  item(row) {
    const button = make(
      "button",
      { type: "button", class: "row", "aria-expanded": "false" },
      this.line(row),
    );
    button.row = row;
    button.addEventListener("click", () => this.toggle(button));
    return make("li", {}, button);
  }

  toggle(button, open = button.getAttribute("aria-expanded") !== "true") {
    button.setAttribute("aria-expanded", open);
    const below = button.nextElementSibling;
    if (open && !below) button.after(make("div", { class: "detail" }, this.detail(button.row)));
    else if (below) below.hidden = !open;
  }

  /** Say so where not all rows are on the page. */
  admit(total) {
    if (total <= this.rows.length) return;
    const words = `The first ${this.rows.length.toLocaleString("en")} of ${counted(total, this.noun)}; --format json has all of them.`;
    this.root.append(make("p", { class: "empty" }, words));
  }

  buttons() {
    return [...this.list.querySelectorAll(":scope > li > .row")];
  }

  /** Show a row, whatever the search, open it and go there. */
  reveal(row) {
    this.search.value = "";
    this.sorting.value = Object.keys(this.sorts)[0];
    this.update({ query: "", filter: Object.keys(this.filters)[0], sort: this.sorting.value });
    while (this.shown <= this.found.indexOf(row)) this.grow();
    const button = this.buttons()[this.found.indexOf(row)];
    this.toggle(button, true);
    this.go(button);
  }

  /** Move to the next (1) or the previous (-1) row. */
  move(by) {
    const buttons = this.buttons();
    const at = buttons.findIndex((each) => each.parentElement.contains(document.activeElement));
    const to = at < 0 ? 0 : at + by;
    if (to === buttons.length && !this.more.hidden) this.grow();
    else if (buttons[to]) this.go(buttons[to]);
  }

  go(button) {
    button.focus({ preventScroll: true });
    button.scrollIntoView({ block: "nearest" });
  }

  /** Close the row that is in use, else clear the search; whether there was anything to do. */
  leave() {
    const here = document.activeElement.closest?.(".rows > li")?.firstElementChild;
    if (here?.getAttribute("aria-expanded") === "true") {
      this.toggle(here, false);
      this.go(here);
      return true;
    }
    if (!this.query) return false;
    this.search.value = "";
    this.update({ query: "" });
    return true;
  }
}
