// Theme, map, copying, keyboard, printing.

const help = document.getElementById("help");

function switchTheme() {
  const root = document.documentElement;
  const isDark = root.dataset.theme
    ? root.dataset.theme === "dark"
    : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = isDark ? "light" : "dark";
}

function showStage(stage) {
  document.querySelectorAll(".map").forEach((map) => {
    map.dataset.stage = stage;
  });
  document.querySelectorAll(".switch button").forEach((button) => {
    button.setAttribute("aria-pressed", button.dataset.stage === stage);
  });
}

async function copyCommand(button) {
  const command = button.previousElementSibling;
  try {
    await navigator.clipboard.writeText(command.textContent);
    button.textContent = "copied";
  } catch {
    getSelection().selectAllChildren(command);
    button.textContent = "selected";
  }
}

document.getElementById("theme").addEventListener("click", switchTheme);
document.getElementById("keys").addEventListener("click", () => help.showModal());
document
  .querySelectorAll(".copy")
  .forEach((button) => button.addEventListener("click", () => copyCommand(button)));
document.querySelectorAll(".switch button").forEach((button) => {
  button.addEventListener("click", () => showStage(button.dataset.stage));
});
document.querySelectorAll(".map").forEach((map) =>
  map.addEventListener("click", (event) => {
    const file = event.target.closest("[data-file]")?.dataset.file;
    if (!file) return;
    functionList.search.value = file;
    functionList.update({ query: file });
    document.getElementById("functions").scrollIntoView();
  }),
);

/** The list that the keys work on: the one in use, else the one nearest to the top of the window. */
function listInUse() {
  const inUse = listings.find((each) => each.root.contains(document.activeElement));
  const distance = (each) => Math.abs(each.root.getBoundingClientRect().top - 80);
  return inUse ?? [...listings].sort((one, other) => distance(one) - distance(other))[0];
}

const keys = {
  "/": () => listInUse().search.focus(),
  j: () => listInUse().move(1),
  k: () => listInUse().move(-1),
  m: () =>
    showStage(document.querySelector(".map")?.dataset.stage === "after" ? "before" : "after"),
  t: switchTheme,
  "?": () => (help.open ? help.close() : help.showModal()),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const typing = event.target.matches("input, select");
  if (event.key === "Escape" && !help.open) {
    if (!listInUse().leave() && typing) event.target.blur();
  } else if (event.key === "Enter" && typing) {
    listInUse().move(1);
  } else if (!typing && keys[event.key] && (!help.open || event.key === "?")) {
    event.preventDefault();
    keys[event.key]();
  }
});

/** On paper, the functions of the plan are open. */
addEventListener("beforeprint", () => {
  for (const button of functionList.buttons()) {
    if (button.row.isPlanned) functionList.toggle(button, true);
  }
});
