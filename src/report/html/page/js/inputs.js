// Inputs as drawn against as asked for; and where history was learned from, what it made of them.
"use strict";

tradewinds.inputs = (() => {
  const { h } = tradewinds.dom;
  const { text, marks } = tradewinds;
  const { figure } = tradewinds.figure;
  const n = tradewinds.csv.number;
  const POINTS = ["p05", "p50", "p95"];

  // As drawn: before history had a say, if it had one.
  const drawnCell = (row, name) => row[`prior_${name}`] || row[name];

  // In standard deviations of the law, so that all inputs share an axis.
  function points(row) {
    const [mean, sd] = [n(row.requested_mean), n(row.requested_sd)];
    if (!(sd > 0)) return [];
    const scaled = (cell) => (n(cell) - mean) / sd;
    return POINTS.map((name) => ({ input: row.input, name, row, drawn: scaled(drawnCell(row, name)), asked: scaled(row[`requested_${name}`]) }));
  }

  // Prior and posterior in standard deviations of the prior, those first of which most was learned.
  function learned(rows) {
    const found = rows.filter((row) => n(row.prior_sd) > 0).map((row) => {
      const scaled = (cell) => (n(cell) - n(row.prior_mean)) / n(row.prior_sd);
      const of = (prefix) => ({ p05: scaled(row[`${prefix}p05`]), p50: scaled(row[`${prefix}p50`]), p95: scaled(row[`${prefix}p95`]) });
      const [prior, posterior] = [of("prior_"), of("")];
      const change = Math.abs(posterior.p50 - prior.p50) + Math.abs(Math.log((posterior.p95 - posterior.p05) / (prior.p95 - prior.p05)));
      return { row, input: row.input, prior, posterior, change: Number.isFinite(change) ? change : 0 };
    });
    return d3.sort(found, (it) => -it.change);
  }

  // How many trials count, in words.
  function evidence({ run }) {
    const it = run.conditioning;
    if (!it) return "";
    const tempered = it.tempering_exponent < 1 ? ` Tempered: the history counts for ${text.number(it.tempering_exponent, 2)} of what it says.` : "";
    return `${text.number(it.observations_used, 0)} observations; of ${text.number(run.trials, 0)} weighted trials as many count as ${text.number(it.effective_sample_size, 0)} independent ones (effective sample size).${tempered}`;
  }

  function learning(view, rows) {
    const all = learned(rows);
    if (!all.length) return null;
    const [most] = all;
    const widths = (row, prefix) => n(row[`${prefix}p95`]) - n(row[`${prefix}p05`]);
    const digits = (row) => text.decimals(Math.max(Math.abs(n(row.prior_p05)), Math.abs(n(row.prior_p95))));
    const said = (row, prefix) => `${text.number(n(row[`${prefix}p50`]), digits(row))} (${text.range(n(row[`${prefix}p05`]), n(row[`${prefix}p95`]), digits(row))})`;
    return figure({
      id: "learned",
      title: `What history says of the inputs of ${view.scenario.id}: prior and posterior`,
      summary: `${evidence(view.scenario)} Most was learned of ${most.input}: median and 90 % band ${said(most.row, "prior_")} before, ${said(most.row, "")} after, ${text.number(widths(most.row, "") / widths(most.row, "prior_"), 2)} times as wide.`,
      legend: h("ul", { class: "legend" }, h("li", null, h("span", { class: "key rule" }), h("span", { class: "key ring ink" }), "prior: before, median and 90 % band"), h("li", null, h("span", { class: "key thick" }), h("span", { class: "key dot" }), "posterior: after, median and 90 % band")),
      draw: (width) => {
        const left = marks.leftOf(all.map((it) => it.input), width);
        const band = (name, options) => Plot.ruleY(all, { y: "input", x1: (it) => it[name].p05, x2: (it) => it[name].p95, ...options });
        return marks.chart({
          width, height: 50 + 28 * all.length, marginLeft: left, marginRight: 16, marginTop: 6, marginBottom: 36,
          x: { label: "standard deviations of the prior from its mean", labelAnchor: "right", labelArrow: "none", grid: true, tickSize: 0, inset: 10, ticks: width / 90, tickFormat: text.tick },
          y: { label: null, domain: all.map((it) => it.input), tickSize: 0, tickFormat: (name) => text.shortened(name, Math.floor((left - 10) / 6.8)) },
          marks: [
            band("prior", { stroke: "var(--ink)", strokeWidth: 1.5, strokeOpacity: 0.7, dy: -5, className: "prior" }),
            band("posterior", { stroke: "var(--fan)", strokeWidth: 5, strokeOpacity: 0.5, dy: 5, className: "posterior" }),
            Plot.dot(all, { y: "input", x: (it) => it.prior.p50, r: 4, stroke: "var(--ink)", fill: "var(--paper)", dy: -5 }),
            Plot.dot(all, { y: "input", x: (it) => it.posterior.p50, r: 4, fill: "var(--fan)", dy: 5 }),
            Plot.tip(all, Plot.pointerY({ y: "input", x: (it) => it.posterior.p50, title: (it) => `${it.input}\n${it.row.requested}\nbefore ${said(it.row, "prior_")}\nafter ${said(it.row, "")}`, fontSize: 12, stroke: "var(--line)", fill: "var(--paper)", lineWidth: 40 })),
          ],
        });
      },
      note: "Sorted by how far the median moved and the band changed its width. Where both bands are alike, history says nothing of the input.",
      tables: [{ name: `${view.scenario.id}-inputs.csv`, caption: "every uncertain input, before and after", columns: Object.keys(rows[0]).map((key) => ({ key, text: ["scenario", "input", "requested"].includes(key) })), rows }],
    });
  }

  // Each observed series: what its reporter would have said in the trials, before and after learning, and what it said.
  function fits(view) {
    const rows = view.scenario.table("observations.csv") ?? [];
    const number = (row) => Object.fromEntries(["observed", "prior_p05", "prior_p50", "prior_p95", "posterior_p05", "posterior_p50", "posterior_p95"].map((key) => [key, n(row[key])]));
    return d3.groups(rows, (row) => row.series, (row) => row.reporter).flatMap(([series, reporters]) => reporters.map(([reporter, texts]) => {
      const points = texts.map((row) => ({ ...number(row), text: row, at: Number(row.period), period: row.period }));
      const name = [series, reporter].filter(Boolean).join(", as stated by ");
      const inside = points.filter((it) => it.observed >= it.posterior_p05 && it.observed <= it.posterior_p95).length;
      return figure({
        id: `fit-${series}-${reporter}`,
        title: name,
        summary: `${inside} of ${points.length} observations lie in the 90 % band after learning.`,
        legend: h("ul", { class: "legend" }, h("li", null, h("span", { class: "sign" }, "\u25cf"), "observed"), h("li", null, h("span", { class: "key dashed" }), "90 % band before"), h("li", null, h("span", { class: "key shade" }), "90 % band after")),
        draw: (width) => marks.chart({
          width, height: 260, marginTop: 24, marginBottom: 26, marginLeft: 50, marginRight: 14,
          x: marks.years(points, width), y: marks.values(points, (row) => [row.observed, row.prior_p05, row.prior_p95, row.posterior_p95], { label: texts[0].unit, most: 5, scale: view.scale }),
          marks: [
            Plot.areaY(points, { x: "at", y1: "posterior_p05", y2: "posterior_p95", fill: "var(--fan)", fillOpacity: 0.3, className: "posterior" }),
            ["prior_p05", "prior_p95"].map((key) => Plot.lineY(points, { x: "at", y: key, stroke: "var(--ink)", strokeOpacity: 0.7, strokeDasharray: "4 3", className: "prior" })),
            Plot.lineY(points, { x: "at", y: "posterior_p50", stroke: "var(--fan)", strokeWidth: 2 }),
            ...marks.observed(points.map((it) => ({ at: it.at, value: it.observed, reporter }))),
            ...marks.reader(points, { y: "posterior_p50", title: (row) => `${row.period}\nobserved ${text.number(row.observed)}\nbefore ${text.range(row.prior_p05, row.prior_p95)}\nafter ${text.range(row.posterior_p05, row.posterior_p95)}` }),
          ],
        }),
        tables: [{ name: `${view.scenario.id}-${series}-observations.csv`, caption: `observations, ${name}`, columns: Object.keys(texts[0]).map((key) => ({ key, text: ["scenario", "series", "reporter", "period", "unit"].includes(key) })), rows: texts }],
      });
    }));
  }

  function render(view) {
    const rows = view.scenario.table("inputs.csv") ?? [];
    if (!rows.length) return [h("p", { class: "absent" }, `${view.scenario.id} has no uncertain input.`)];
    const shown = fits(view);
    const fitted = shown.length ? [h("h3", { class: "group" }, "What was observed, and what the scenario expected"), h("div", { class: "grid two" }, shown)] : [];
    return [learning(view, rows), ...fitted, asked(view, rows)].filter(Boolean);
  }

  function asked(view, rows) {
    const all = rows.flatMap(points);
    const names = [...new Set(all.map((point) => point.input))];
    const worst = d3.greatest(all, (point) => Math.abs(point.drawn - point.asked));
    const draw = (width) => {
      const left = marks.leftOf(names, width);
      return marks.chart({
        width, height: 50 + 22 * names.length, marginLeft: left, marginRight: 16, marginTop: 6, marginBottom: 36,
        x: { label: "standard deviations from the mean", labelAnchor: "right", labelArrow: "none", grid: true, tickSize: 0, inset: 10, ticks: width / 90, tickFormat: text.tick },
        y: { label: null, domain: names, tickSize: 0, tickFormat: (name) => text.shortened(name, Math.floor((left - 10) / 6.8)) },
        marks: [
          Plot.ruleY(d3.groups(all, (point) => point.input), { y: ([name]) => name, x1: ([, points]) => points[0].asked, x2: ([, points]) => points[2].asked, stroke: "currentColor", strokeOpacity: 0.25 }),
          Plot.dot(all, { y: "input", x: "asked", r: 6, stroke: "var(--ink)", strokeOpacity: 0.8, className: "asked" }),
          Plot.dot(all, { y: "input", x: "drawn", r: 3, fill: "var(--fan)", className: "drawn" }),
          Plot.tip(all, Plot.pointer({ y: "input", x: "asked", title: (point) => `${point.input}\n${point.row.requested}\n${point.name}: drawn ${drawnCell(point.row, point.name)}, asked for ${point.row[`requested_${point.name}`]}`, fontSize: 12, stroke: "var(--line)", fill: "var(--paper)", lineWidth: 40 })),
        ],
      });
    };
    const chart = all.length ? draw : () => h("p", null, "No input has a law of its own.");
    return figure({
      id: "inputs",
      title: `Inputs of ${view.scenario.id}, as drawn and as asked for: 5th, 50th and 95th percentile`,
      summary: worst ? `Nowhere is a percentile as drawn more than ${text.number(Math.abs(worst.drawn - worst.asked), 2)} standard deviations from the one asked for (${worst.input}).` : "",
      legend: h("ul", { class: "legend" }, h("li", null, h("span", { class: "key ring ink" }), "as asked for"), h("li", null, h("span", { class: "key dot" }), "as drawn")),
      draw: chart,
      note: "Formulas have no law of their own and are in the table only. Dates are decimal years. From the first 65,536 trials.",
      tables: [{ name: `${view.scenario.id}-inputs.csv`, caption: "every uncertain input", columns: Object.keys(rows[0]).map((key) => ({ key, text: ["scenario", "input", "requested"].includes(key) })), rows }],
    });
  }

  return { id: "inputs", title: "Inputs", lede: "Was every uncertain input drawn as the scenario asks? The dots should lie in the rings.", render, evidence };
})();
