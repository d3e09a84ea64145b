// Inputs as drawn against as asked for.
"use strict";

tradewinds.inputs = (() => {
  const { h } = tradewinds.dom;
  const { text, marks } = tradewinds;
  const { figure } = tradewinds.figure;
  const n = tradewinds.csv.number;
  const POINTS = ["p05", "p50", "p95"];

  // In standard deviations of the law, so that all inputs share an axis.
  function points(row) {
    const [mean, sd] = [n(row.requested_mean), n(row.requested_sd)];
    if (!(sd > 0)) return [];
    const scaled = (cell) => (n(cell) - mean) / sd;
    return POINTS.map((name) => ({ input: row.input, name, row, drawn: scaled(row[name]), asked: scaled(row[`requested_${name}`]) }));
  }

  function render(view) {
    const rows = view.scenario.table("inputs.csv") ?? [];
    if (!rows.length) return [h("p", { class: "absent" }, `${view.scenario.id} has no uncertain input.`)];
    const all = rows.flatMap(points);
    const names = [...new Set(all.map((point) => point.input))];
    const worst = d3.greatest(all, (point) => Math.abs(point.drawn - point.asked));
    const draw = (width) => {
      const left = marks.leftOf(names, width);
      return marks.chart({
        width, height: 50 + 22 * names.length, marginLeft: left, marginRight: 16, marginTop: 6, marginBottom: 36,
        x: { label: "standard deviations from the mean", labelAnchor: "right", labelArrow: "none", grid: true, tickSize: 0, inset: 10, ticks: width / 90, tickFormat: text.tick },
        y: { label: null, domain: names, tickSize: 0, tickFormat: (name) => text.shortened(name, Math.floor(left / 6.4)) },
        marks: [
          Plot.ruleY(d3.groups(all, (point) => point.input), { y: ([name]) => name, x1: ([, points]) => points[0].asked, x2: ([, points]) => points[2].asked, stroke: "currentColor", strokeOpacity: 0.25 }),
          Plot.dot(all, { y: "input", x: "asked", r: 6, stroke: "var(--ink)", strokeOpacity: 0.8, className: "asked" }),
          Plot.dot(all, { y: "input", x: "drawn", r: 3, fill: "var(--fan)", className: "drawn" }),
          Plot.tip(all, Plot.pointer({ y: "input", x: "asked", title: (point) => `${point.input}\n${point.row.requested}\n${point.name}: drawn ${point.row[point.name]}, asked for ${point.row[`requested_${point.name}`]}`, fontSize: 12, stroke: "var(--line)", fill: "var(--paper)", lineWidth: 40 })),
        ],
      });
    };
    const chart = all.length ? draw : () => h("p", null, "No input has a law of its own.");
    return [figure({
      id: "inputs",
      title: `Inputs of ${view.scenario.id}: 5th, 50th and 95th percentile`,
      summary: worst ? `Nowhere is a percentile as drawn more than ${text.number(Math.abs(worst.drawn - worst.asked), 2)} standard deviations from the one asked for (${worst.input}).` : "",
      legend: h("ul", { class: "legend" }, h("li", null, h("span", { class: "key ring ink" }), "as asked for"), h("li", null, h("span", { class: "key dot" }), "as drawn")),
      draw: chart,
      note: "Formulas have no law of their own and are in the table only. Dates are decimal years. From the first 65,536 trials.",
      tables: [{ name: `${view.scenario.id}-inputs.csv`, caption: "every uncertain input", columns: Object.keys(rows[0]).map((key) => ({ key, text: ["scenario", "input", "requested"].includes(key) })), rows }],
    })];
  }

  return { id: "inputs", title: "Inputs", lede: "Was every uncertain input drawn as the scenario asks? The dots should lie in the rings.", render };
})();
