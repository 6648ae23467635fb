// Elements are only ever made of texts and attributes: nothing of the data becomes markup.

"use strict";

const data = JSON.parse(document.getElementById("data").textContent);

/** An element with attributes (`on…` are listeners, `--x` style properties) and children. */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name.startsWith("--")) element.style.setProperty(name, value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child || child === 0));
  return element;
}

/** `1 function`, `1,234 functions`. */
function counted(number, noun) {
  return `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;
}

/** A text that may be broken behind its dots and slashes. */
function breakable(text) {
  return text.split(/(?<=[./])/).flatMap((part, at) => (at ? [make("wbr"), part] : [part]));
}

/** A text, with what stands between `backticks` as code. */
function prose(text) {
  return text.split(/`([^`]+)`/).map((part, at) => (at % 2 ? make("code", {}, part) : part));
}

/** A dotted name whose last part stands out. */
function named(prefix, name) {
  return make(
    "span",
    { class: "name" },
    prefix && make("span", {}, breakable(`${prefix}.`), make("wbr")),
    make("b", {}, name),
  );
}
