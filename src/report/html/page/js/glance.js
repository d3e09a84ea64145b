// The first look: the figures that one quotes.
"use strict";

tradewinds.glance = (() => {
  const { h } = tradewinds.dom;
  const { text } = tradewinds;
  const { table, scrollable, data } = tradewinds.figure;
  const n = tradewinds.csv.number;

  const card = (label, value, detail) => h("div", { class: "card" }, h("dt", null, label), h("dd", null, h("strong", null, value), h("span", null, detail)));

  function cards({ scenario, measure, period }) {
    const row = measure.rows.find((it) => it.period === period);
    const base = scenario.base && measure.rows.find((it) => it.status === "base");
    const found = [
      base && card(`${measure.id} in ${base.period}`, text.number(base.p50), `${measure.unit}, the base year`),
      card(`Median in ${period}`, text.number(row.p50), `${measure.unit}; half of the futures are below`),
      card(`90 % band in ${period}`, text.range(row.p05, row.p95), `${measure.unit}; nine futures in ten`),
      ...(scenario.table("targets.csv") ?? []).filter((it) => it.measure === measure.id).map((it) =>
        card(condition(it), text.percent(n(it.probability), text.errorDecimals(100 * n(it.standard_error), 1)), `${text.error(100 * n(it.standard_error), 1)} of the futures (${it.target})`.trim())),
    ];
    return h("dl", { class: "cards" }, found.filter(Boolean));
  }

  // A target in words: total at least 1,000 by 2030.
  function condition(target) {
    const when = target.by ? ` by ${target.by}` : target.in ? ` in ${target.in}` : "";
    return `${target.measure} ${target.direction.replace("_", " ")} ${text.tick(n(target.threshold))}${when}`;
  }

  // All scenarios under each other: base year, first, selected and last period.
  function overview({ family, scenario, measure, period }) {
    const [first] = family.scenarios;
    const periods = [...new Set([first.periods[0], period, first.periods.at(-1)])];
    const has = family.scenarios.filter((it) => it.measure(measure.id));
    const columns = [
      { key: "scenario", label: "Scenario", text: true },
      { key: "base", label: first.base?.period ?? "base" },
      ...periods.map((it) => ({ key: it, label: it })),
    ];
    const cell = (row) => row ? `${text.number(row.p50)} (${text.range(row.p05, row.p95)})` : "";
    // Scenarios may start in different years.
    const start = (base) => (!base || base.period === first.base?.period ? text.number(base?.p50) : `${text.number(base.p50)} in ${base.period}`);
    const texts = has.map((it) => {
      const rows = it.measure(measure.id).rows;
      const at = (label) => cell(rows.find((row) => row.period === label && row.status === "projected"));
      return [it.id, start(rows.find((row) => row.status === "base")), ...periods.map(at)];
    });
    const caption = `${measure.id}, ${measure.unit}: median, and the 90 % band in brackets`;
    return h("div", null, h("p", { class: "tablename" }, caption), scrollable(caption, table(columns, texts, caption, has.indexOf(scenario))));
  }

  function render(view) {
    return [cards(view), overview(view), tradewinds.scenarios.worth(view)].filter(Boolean);
  }

  return { id: "glance", title: "At a glance", lede: null, render, condition };
})();
