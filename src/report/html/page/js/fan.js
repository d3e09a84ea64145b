// Fan charts: one large, and all measures beside each other.
"use strict";

tradewinds.fan = (() => {
  const { h } = tradewinds.dom;
  const { text, marks } = tradewinds;
  const { figure } = tradewinds.figure;
  const { BANDS } = tradewinds.model;
  const HUE = "var(--fan)";

  const LABELS = [["p95", "95 %"], ["p90", "90 %"], ["p75", "75 %"], ["p50", "median"], ["p25", "25 %"], ["p10", "10 %"], ["p05", "5 %"]];

  // The numbers of one period, as a reader of the chart wants them.
  const told = (unit) => (row) => [
    `${row.period}${row.status === "base" ? ", base year" : ""}`,
    `median ${text.number(row.p50)} ${unit}`,
    ...(row.p05 === row.p95 ? [] : BANDS.map(({ share, low, high }) => `${share} % band ${text.range(row[low], row[high])}`)),
  ].join("\n");

  // Thresholds that the axis reaches, or nearly.
  function thresholds({ scenario, measure }, rows) {
    const highest = d3.max(rows, (row) => row.p95);
    return (scenario.table("targets.csv") ?? []).filter((row) => row.measure === measure.id)
      .map((row) => ({ value: tradewinds.csv.number(row.threshold), words: `${row.target}: ${tradewinds.glance.condition(row)}`, above: tradewinds.csv.number(row.threshold) > rows[0].p50 }))
      .filter(({ value }) => value <= 1.4 * highest);
  }

  function draw(view) {
    const { scenario, measure, scale } = view;
    const rows = scenario.fan(measure.id);
    const marked = thresholds(view, rows);
    const history = scenario.history(measure.id);
    return (width) => {
      const [height, top, bottom, right] = [Math.max(300, Math.min(460, 0.5 * width)), 26, 30, 62];
      const y = marks.values(rows, (row) => [row.p05, row.p95, ...marked.map((it) => it.value), ...history.map((it) => it.value)], { label: `${measure.unit} (${measure.prices})`, scale });
      const last = rows.at(-1);
      const label = { y: "value", text: "words", fill: "var(--c1)", stroke: "var(--paper)", strokeWidth: 3 };
      const ends = marks.apart(LABELS.map(([key, name]) => ({ name, value: last[key] })), y, { top, bottom: height - bottom });
      return marks.chart({
        width, height, marginTop: top, marginBottom: bottom, marginRight: right, marginLeft: 54,
        x: marks.years([...history, ...rows], width), y,
        marks: [
          ...marks.shades(rows, HUE),
          ...marks.edges(rows, HUE),
          Plot.ruleY(marked, { y: "value", stroke: "var(--c1)", strokeWidth: 1.5, strokeDasharray: "7 4", className: "threshold" }),
          // Where the fan leaves room: over a high line at its end, under a low one at its start.
          Plot.text(marked.filter((it) => it.above), { ...label, x: () => last.at, textAnchor: "end", dx: -4, dy: -8 }),
          Plot.text(marked.filter((it) => !it.above), { ...label, x: () => (history[0] ?? rows[0]).at, textAnchor: "start", dx: 8, dy: 9 }),
          Plot.lineY(rows, { x: "at", y: "p50", stroke: HUE, strokeWidth: 2.6, className: "median" }),
          Plot.dot(rows.filter((row) => row.status === "base"), { x: "at", y: "p50", fill: HUE, r: 4.5, className: "base" }),
          ...marks.observed(history),
          Plot.text(ends, { x: () => last.at, y: "at_value", text: "name", textAnchor: "start", dx: 7, fill: HUE, fontWeight: (it) => (it.name === "median" ? 700 : 400) }),
          ...marks.reader(rows, { y: "p50", title: told(measure.unit) }),
        ],
      });
    };
  }

  function summary({ scenario, measure }) {
    const rows = measure.rows;
    const [first, last] = [rows[0], rows.at(-1)];
    const start = first.status === "base" ? `from ${text.number(first.p50)} in the base year ${first.period} ` : "";
    return `${scenario.id}: the median of ${measure.id} goes ${start}to ${text.number(last.p50)} ${measure.unit} in ${last.period}. ` +
      `Half of the futures are then between ${text.range(last.p25, last.p75).replace(" to ", " and ")}, nine in ten between ${text.range(last.p05, last.p95).replace(" to ", " and ")}.`;
  }

  const legend = ({ scenario, measure }) => h("ul", { class: "legend" },
    h("li", null, h("span", { class: "key median" }), "median: half of the futures are below"),
    BANDS.map(({ share, low, high }) => h("li", null, h("span", { class: `key band b${share}` }),
      `${share} % band: ${text.ordinal(Number(low.slice(1)) / 100)} to ${text.ordinal(Number(high.slice(1)) / 100)} percentile`)),
    h("li", null, h("span", { class: "key shades" }), "shades: bands of 10 %, 20 %, \u2026 90 % of the futures"),
    marks.observers(scenario.history(measure.id)).map(([sign, words]) => h("li", null, h("span", { class: "sign" }, sign), words)));

  // Measure by period, a column a statistic; from `quantiles.csv` and, for the base year, `projection.csv`.
  function numbers({ scenario, measure }) {
    const levels = [0.01, 0.05, 0.1, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.9, 0.95, 0.99];
    const key = (level) => `p${String(Math.round(100 * level)).padStart(2, "0")}`;
    const published = new Set(tradewinds.model.PUBLISHED.map(([name]) => name));
    const rows = scenario.fan(measure.id).map((row) => ({
      period: row.period, status: row.status, unit: row.text.unit, mean: row.text.mean, sd: row.text.sd,
      ...Object.fromEntries(levels.map((level) => {
        const name = key(level);
        if (published.has(name)) return [name, row.text[name]];
        return [name, row.status === "base" ? "" : text.exact(row.quantile(level))];
      })),
    }));
    const columns = [{ key: "period", text: true }, { key: "status", text: true }, { key: "unit", text: true }, { key: "mean" }, { key: "sd" }, ...levels.map((level) => ({ key: key(level) }))];
    return { name: `${scenario.id}-${measure.id}-fan.csv`, caption: `percentiles of ${measure.id} by period, ${scenario.id}`, columns, rows };
  }

  // What was observed, all of it.
  function observations({ scenario, measure }) {
    const rows = (scenario.table("history.csv") ?? []).filter((row) => row.measure === measure.id);
    if (!rows.length) return [];
    const columns = Object.keys(rows[0]).map((key) => ({ key, text: key !== "observed" }));
    return [{ name: `${scenario.id}-${measure.id}-history.csv`, caption: `what was observed of ${measure.id}`, columns, rows }];
  }

  function small(view, measure) {
    const { family, scenario } = view;
    const rows = scenario.fan(measure.id);
    const history = scenario.history(measure.id);
    return figure({
      id: `fan-of-${measure.id}`,
      title: measure.id,
      act: () => tradewinds.state.change(family, { measure: measure.id }),
      summary: measure.title || { exports: "all exports", imports: "all imports", total: "exports and imports", balance: "exports minus imports" }[measure.id] || "",
      draw: (width) => marks.chart({
        width, height: 170, marginTop: 20, marginBottom: 24, marginLeft: 46, marginRight: 12,
        x: marks.years([...history, ...rows], width), y: marks.values(rows, (row) => [row.p05, row.p95, ...history.map((it) => it.value)], { label: null, most: 4 }),
        marks: [
          ...marks.shades(rows, HUE),
          Plot.lineY(rows, { x: "at", y: "p50", stroke: HUE, strokeWidth: 2 }),
          ...marks.observed(history, { r: 2 }),
          ...marks.reader(rows, { y: "p50", title: told(measure.unit) }),
        ],
      }),
      tables: [{ ...numbers({ scenario, measure }), label: "Data" }],
    });
  }

  function render(view) {
    const large = figure({
      id: "fan",
      title: `${view.measure.id}, ${view.scenario.id}`,
      summary: summary(view),
      legend: legend(view),
      draw: draw(view),
      note: "The edge of a band is not a path: no future runs along it, and growth between two of its points means nothing.",
      tables: [numbers(view), ...observations(view)],
    });
    const grid = h("div", { class: "grid", "data-group": "measures" }, view.scenario.measures.map((measure) => small(view, measure)));
    return [large, h("h3", { class: "group" }, `Measures of ${view.scenario.id}, ${view.measure.unit}`), grid,
      h("p", { class: "note" }, "A name selects its measure. Each chart has its own axis. Percentiles do not add up: those of the total are not the sums of those of its parts.")];
  }

  return {
    id: "projection",
    title: "Projection",
    lede: "How much is traded, period by period, if the scenario is right about what is uncertain. The darker, the nearer to the middle of the futures.",
    render,
  };
})();
