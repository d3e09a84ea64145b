// What is selected. The address keeps it, so that a view can be sent on.
"use strict";

tradewinds.state = (() => {
  const MARK = "#view?";
  const KEYS = ["scenario", "measure", "period", "scale"];
  const selected = { scenario: "", measure: "", period: "", scale: "linear" };
  const hidden = new Set();
  const listeners = [];

  function fromAddress() {
    if (!location.hash.startsWith(MARK)) return {};
    return Object.fromEntries(new URLSearchParams(location.hash.slice(MARK.length)));
  }

  function toAddress() {
    const query = new URLSearchParams(KEYS.map((key) => [key, selected[key]]));
    history.replaceState(null, "", `${MARK}${query}`);
  }

  // What is asked for and there; else what is there.
  function settle(family, asked) {
    const scenario = family.scenarios.find((it) => it.id === asked.scenario) ?? family.scenarios[0];
    const measures = scenario.measures.map((it) => it.id);
    const pick = (value, offered, otherwise) => (offered.includes(value) ? value : otherwise);
    selected.scenario = scenario.id;
    selected.measure = pick(asked.measure, measures, pick("total", measures, measures[0]));
    selected.period = pick(asked.period, scenario.periods, pick(dueYear(scenario), scenario.periods, scenario.periods.at(-1)));
    selected.scale = pick(asked.scale, ["linear", "log"], "linear");
  }

  // The year that the first target names is the one that people ask for.
  function dueYear(scenario) {
    const target = scenario.table("targets.csv")?.find((row) => row.by || row.in);
    const year = target && (target.by || target.in);
    return year && scenario.periods.findLast((period) => period.startsWith(year));
  }

  function start(family) {
    settle(family, fromAddress());
  }

  function change(family, changes) {
    settle(family, { ...selected, ...changes });
    toAddress();
    for (const listener of listeners) listener();
  }

  function show(id, shown) {
    shown ? hidden.delete(id) : hidden.add(id);
    for (const listener of listeners) listener();
  }

  return { selected, hidden, start, change, show, listen: (listener) => listeners.push(listener) };
})();
