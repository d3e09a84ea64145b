// Targets: how likely they are, and when the fan first gets to them.
"use strict";

tradewinds.targets = (() => {
  const { h } = tradewinds.dom;
  const { text, marks } = tradewinds;
  const { figure, table, scrollable } = tradewinds.figure;
  const n = tradewinds.csv.number;
  const SHARES = [0.05, 0.1, 0.25, 0.5, 0.75];

  const NOTE = "The tables say in which period first at least 5 %, 10 %, \u2026 of the futures meet the threshold in that very period, " +
    "as the percentiles of that period say, whatever the target's own year; \u2013: in no period of the run. It is not the year in which a " +
    "single future first gets there: a target with \u201cby\u201d also counts a future that was there in an earlier year only, so its " +
    "probability can be higher. \u00b1 is one standard error of the simulation.";

  // Targets of the family, each with the scenarios that have it.
  function targets(family) {
    const all = family.scenarios.flatMap((scenario, at) => (scenario.table("targets.csv") ?? []).map((row) => ({
      row, scenario, colour: marks.colour(at), condition: tradewinds.glance.condition(row), probability: n(row.probability), error: n(row.standard_error),
    })));
    return d3.groups(all, (it) => `${it.row.target}: ${it.condition}`);
  }

  // The first period in which this share of the futures or more is there. A quantile at level q is the smallest value
  // that a share q does not exceed, so "at most" asks the level itself and "at least" the level that is left.
  function firstPeriod({ row, scenario }, share) {
    const measure = scenario.measure(row.measure);
    if (!measure) return "";
    const threshold = n(row.threshold);
    const there = row.direction === "at_least" ? (it) => it.quantile(1 - share) >= threshold : (it) => it.quantile(share) <= threshold;
    return scenario.fan(row.measure).find((it) => it.status === "projected" && there(it))?.period ?? "\u2013";
  }

  function odds(name, members) {
    const draw = (width) => {
      const left = marks.leftOf(members.map((it) => it.scenario.id), width);
      return marks.chart({
        width, height: 46 + 30 * members.length, marginLeft: left, marginRight: 64, marginTop: 6, marginBottom: 34,
        x: { label: "per cent of futures", labelAnchor: "right", labelArrow: "none", grid: true, ticks: width / 110, tickSize: 0, domain: [0, Math.max(1, 115 * d3.max(members, (it) => it.probability))], tickFormat: text.tick },
        y: { label: null, domain: members.map((it) => it.scenario.id), tickSize: 0, tickFormat: (id) => text.shortened(id, Math.floor(left / 6.4)) },
        marks: [
          Plot.barX(members, { y: (it) => it.scenario.id, x: (it) => 100 * it.probability, fill: "colour", fillOpacity: 0.75, insetTop: 2, insetBottom: 2, className: "bar" }),
          Plot.ruleX([0], { stroke: "currentColor" }),
          Plot.text(members, { y: (it) => it.scenario.id, x: (it) => 100 * it.probability, text: (it) => text.percent(it.probability), textAnchor: "start", dx: 6, fontWeight: 600 }),
        ],
      });
    };
    const best = d3.greatest(members, (it) => it.probability);
    return figure({
      id: `target-${members[0].row.target}`,
      title: name,
      summary: members.length > 1 ? `Likeliest in ${best.scenario.id}, with ${text.percent(best.probability)}.` : `Reached in ${text.percent(best.probability)} of the futures.`,
      draw,
      extra: reached(name, members),
      tables: [{
        name: `target-${members[0].row.target}.csv`,
        caption: `probabilities of ${members[0].row.target}`,
        columns: Object.keys(members[0].row).map((key) => ({ key, text: ["scenario", "target", "measure", "direction", "by", "in", "unit"].includes(key) })),
        rows: members.map((it) => it.row),
      }],
    });
  }

  function reached(name, members) {
    const columns = [
      { key: "scenario", label: "Scenario", text: true }, { key: "probability", label: "Probability" },
      ...SHARES.map((share) => ({ key: String(share), label: `${text.number(100 * share, 0)} %` })),
    ];
    const odds = (it) => `${text.percent(it.probability)}${Number.isFinite(it.error) ? ` \u00b1 ${text.number(100 * it.error, 1)}` : ""}`;
    const texts = members.map((it) => [it.scenario.id, odds(it), ...SHARES.map((share) => firstPeriod(it, share))]);
    const caption = `${name}: first period in which that share of the futures meets the threshold`;
    return h("div", { "data-table": "reached" }, h("p", { class: "tablename small" }, "First period in which this share of the futures is there"), scrollable(caption, table(columns, texts, caption)));
  }

  function render({ family }) {
    const all = targets(family);
    if (!all.length) return [h("p", { class: "absent" }, "No scenario of this family has a ", h("code", null, "[[target]]"), ".")];
    return [h("div", { class: "grid two" }, all.map(([name, members]) => odds(name, members))), h("p", { class: "note" }, NOTE)];
  }

  return { id: "targets", title: "Targets", lede: "How many of the futures reach a threshold in time.", render };
})();
