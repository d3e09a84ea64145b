// What can be chosen: scenario, measure, period, axis; light or dark.
"use strict";

tradewinds.controls = (() => {
  const { h } = tradewinds.dom;
  const { state } = tradewinds;

  const select = (name, label, options, change) => h("label", null, h("span", null, label),
    h("select", { name, onchange: (event) => change({ [name]: event.target.value }) },
      options.map(([value, words]) => h("option", { value, selected: value === state.selected[name] }, words))));

  const THEMES = ["auto", "light", "dark"];

  function themeButton() {
    const root = document.documentElement;
    const label = () => `Colours: ${root.dataset.theme ?? "auto"}`;
    const button = h("button", { type: "button", class: "quiet", id: "theme" }, label());
    button.addEventListener("click", () => {
      const next = THEMES[(THEMES.indexOf(root.dataset.theme ?? "auto") + 1) % THEMES.length];
      if (next === "auto") delete root.dataset.theme;
      else root.dataset.theme = next;
      button.textContent = label();
    });
    return button;
  }

  const theme = themeButton();

  function fill(form, { family, scenario }) {
    const change = (changes) => state.change(family, changes);
    const focused = document.activeElement?.name;
    form.replaceChildren(
      select("scenario", "Scenario", family.scenarios.map((it) => [it.id, it.title === it.id ? it.id : `${it.id}: ${it.title}`]), change),
      select("measure", "Measure", scenario.measures.map((it) => [it.id, it.label]), change),
      select("period", "Period", scenario.periods.map((it) => [it, it]), change),
      select("scale", "Axis of values", [["linear", "linear"], ["log", "logarithmic"]], change),
      theme,
    );
    // A control that was just used keeps the keyboard.
    if (focused) form.elements[focused]?.focus();
  }

  return { fill };
})();
