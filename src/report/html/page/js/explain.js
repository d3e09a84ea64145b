// What matters: the waterfall, the tornado, Sobol indices, and what the variance is made of.
"use strict";

tradewinds.explain = (() => {
  const { h } = tradewinds.dom;
  const { text, marks } = tradewinds;
  const { figure, table, scrollable } = tradewinds.figure;
  const n = tradewinds.csv.number;
  const MOST_INPUTS = 15;

  const rowsOf = (view, name, all = false) => view.scenario.table(name)?.filter((row) => row.measure === view.measure.id && (all || row.period === view.period));
  const columnsOf = (rows, words) => Object.keys(rows[0]).map((key) => ({ key, text: words.includes(key) }));
  const box = { fontSize: 12, stroke: "var(--line)", fill: "var(--paper)", textPadding: 9 };

  // The base, the trend, the drivers from the one that moves most, the noise.
  const ORDER = ["base", "trend", "driver", "noise"];
  const ordered = (rows) => d3.sort(rows.filter((row) => row.kind !== "change"), (a, b) =>
    d3.ascending(ORDER.indexOf(a.kind), ORDER.indexOf(b.kind)) || d3.descending(Math.abs(n(a.mean)), Math.abs(n(b.mean))));

  const titleOf = (row) => row.title || row.part;

  // Bars that hang from where the one before ended: from the base, by each part, to the mean.
  function steps(rows) {
    let reached = 0;
    const parts = ordered(rows).map((row) => {
      const mean = n(row.mean);
      const [from, to] = row.kind === "base" ? [0, mean] : [reached, reached + mean];
      reached = to;
      return { row, name: row.kind === "base" ? "base year" : titleOf(row), from, to, mean, kind: row.kind === "base" ? "sum" : mean < 0 ? "less" : "more" };
    });
    const end = { name: `mean in ${rows[0].period}`, from: 0, to: reached, mean: reached, kind: "sum" };
    return [...parts, end];
  }

  // What each part is worth and how sure that is, and what it is worth if it happens.
  function worths(rows, what) {
    const columns = [{ key: "part", label: "Part", text: true }, { key: "mean", label: "On average" }, { key: "band", label: "90 % of trials" },
      { key: "log", label: "Log points" }, { key: "probability", label: "Happens in" }, { key: "then", label: "Worth then" }];
    const digits = text.decimals(d3.max(rows, (row) => Math.abs(n(row.mean)))) + 1;
    const sure = (mean, error) => (Number.isFinite(n(mean)) ? `${text.signed(n(mean), text.errorDecimals(n(error), digits))} ${text.error(n(error), digits)}`.trim() : "");
    const texts = ordered(rows).filter((row) => row.kind !== "base").map((row) => [
      titleOf(row), sure(row.mean, row.mean_se),
      row.p05 === "" ? "" : `${text.signed(n(row.p05), digits)} to ${text.signed(n(row.p95), digits)}`,
      row.log_points === "" ? "" : text.signed(n(row.log_points), 3),
      row.kind === "driver" && row.probability_happens !== "" && n(row.probability_happens) < 1 ? text.percent(n(row.probability_happens)) : "", sure(row.mean_if_happens, row.mean_if_happens_se)]);
    const caption = `What each part adds to ${what}, ${rows[0].unit}`;
    return h("div", { "data-table": "worths" }, h("p", { class: "tablename small" }, caption), scrollable(caption, table(columns, texts, caption)));
  }

  function waterfall(view) {
    const rows = rowsOf(view, "attribution.csv");
    if (!rows?.length) return null;
    const bars = steps(rows);
    const colours = { sum: "var(--muted)", more: "var(--more)", less: "var(--less)" };
    const digits = text.decimals(d3.max(bars, (bar) => Math.abs(bar.mean))) + 1;
    const draw = (width) => {
      const left = marks.leftOf(bars.map((bar) => bar.name), width);
      return marks.chart({
        width, height: 50 + 27 * bars.length, marginLeft: left, marginRight: 60, marginTop: 6, marginBottom: 36,
        x: { ...marks.values(bars, (bar) => [bar.from, bar.to], { label: `mean of ${view.measure.id} in ${view.period}, ${rows[0].unit}`, most: width / 90 }), labelAnchor: "right", labelArrow: "none" },
        y: { label: null, domain: bars.map((bar) => bar.name), tickSize: 0, tickFormat: (name) => text.shortened(name, Math.floor((left - 10) / 6.8)) },
        marks: [
          Plot.barX(bars, { y: "name", x1: "from", x2: "to", fill: (bar) => colours[bar.kind], insetTop: 3, insetBottom: 3, className: "bar" }),
          Plot.link(d3.pairs(bars), { x1: ([bar]) => bar.to, x2: ([bar]) => bar.to, y1: ([bar]) => bar.name, y2: ([, next]) => next.name, stroke: "currentColor", strokeOpacity: 0.35 }),
          Plot.ruleX([0], { stroke: "currentColor", strokeOpacity: 0.6 }),
          Plot.text(bars, { y: "name", x: (bar) => Math.max(bar.from, bar.to), text: (bar) => (bar.kind === "sum" ? text.number(bar.mean, digits) : text.signed(bar.mean, digits)), textAnchor: "start", dx: 6, fontWeight: (bar) => (bar.kind === "sum" ? 700 : 400) }),
          Plot.tip(bars, Plot.pointerY({ y: "name", x: "to", title: told, ...box })),
        ],
      });
    };
    const most = bars.find((bar) => bar.row?.kind === "driver");
    return figure({
      id: "waterfall",
      title: `From the base year to ${view.period}: what each part adds to the mean of ${view.measure.id}, ${view.scenario.id}`,
      summary: most ? `Of the drivers, \u201c${most.name}\u201d matters most: ${text.signed(most.mean, digits)} ${rows[0].unit} on average.` : "",
      legend: h("ul", { class: "legend" }, [["var(--more)", "adds"], ["var(--less)", "takes away"], ["var(--muted)", "where it starts and ends"]].map(([colour, words]) => h("li", null, h("span", { class: "chip", style: `background:${colour}` }), words))),
      draw,
      extra: worths(rows, `the mean of ${view.measure.id} in ${view.period}`),
      note: "Shapley values: each part is worth what it adds on average over all orders in which the parts can come, so they add up to the whole, interactions included. These are means; medians of parts do not add up. \u00b1 is one standard error of the simulation. Log points: 0.05 is about 5 %.",
      tables: [{ name: `${view.scenario.id}-${view.measure.id}-${view.period}-attribution.csv`, caption: `parts of the change of ${view.measure.id} by ${view.period}`, columns: columnsOf(rows, ["scenario", "measure", "period", "part", "kind", "unit", "title"]), rows }],
    });
  }

  function told({ row, name, mean }) {
    if (!row) return `${name}\n${text.number(mean)}`;
    const lines = [row.title || name, `mean ${text.signed(mean)}`];
    if (row.p05 !== "") lines.push(`90 % of trials ${text.signed(n(row.p05))} to ${text.signed(n(row.p95))}`);
    if (row.mean_if_happens) lines.push(`${text.signed(n(row.mean_if_happens))} if it happens (probability ${text.percent(n(row.probability_happens))})`);
    return lines.join("\n");
  }

  function tornado(view) {
    const rows = rowsOf(view, "sensitivity.csv");
    const inputs = (rows ?? []).filter((row) => row.median_at_p10 !== "" && row.median_at_p90 !== "").map((row) => ({ row, name: row.input, low: n(row.median_at_p10), high: n(row.median_at_p90), swing: Math.abs(n(row.swing)) }));
    if (!inputs.length) return null;
    const shown = d3.sort(inputs, (it) => -it.swing).slice(0, MOST_INPUTS);
    const median = view.measure.rows.find((it) => it.period === view.period && it.status === "projected").p50;
    const halves = shown.flatMap((it) => [{ ...it, end: it.low, side: "low" }, { ...it, end: it.high, side: "high" }]);
    const draw = (width) => {
      const left = marks.leftOf(shown.map((it) => it.name), width);
      const all = [...shown.flatMap((it) => [it.low, it.high]), median];
      return marks.chart({
        width, height: 50 + 27 * shown.length, marginLeft: left, marginRight: 24, marginTop: 6, marginBottom: 36,
        x: { label: `median of ${view.measure.id} in ${view.period}, ${rows[0].unit}`, labelAnchor: "right", labelArrow: "none", domain: d3.extent(all), nice: true, grid: true, ticks: width / 90, tickSize: 0, tickFormat: text.tick },
        y: { label: null, domain: shown.map((it) => it.name), tickSize: 0, tickFormat: (name) => text.shortened(name, Math.floor((left - 10) / 6.8)) },
        marks: [
          Plot.barX(halves, { y: "name", x1: () => median, x2: "end", fill: (it) => (it.side === "low" ? "var(--low)" : "var(--high)"), insetTop: 3, insetBottom: 3, className: "bar" }),
          Plot.ruleX([median], { stroke: "currentColor" }),
          Plot.tip(shown, Plot.pointerY({ y: "name", x: () => median, title: (it) => `${it.name}\n${text.number(it.low)} where it is low (${it.row.input_p10})\n${text.number(it.high)} where it is high (${it.row.input_p90})`, ...box })),
        ],
      });
    };
    return figure({
      id: "tornado",
      title: `How far each uncertain input moves ${view.measure.id} in ${view.period}, ${view.scenario.id}`,
      summary: `${shown[0].name} moves the median most, from ${text.number(shown[0].low)} where it is at its 10th percentile to ${text.number(shown[0].high)} at its 90th.`,
      legend: h("ul", { class: "legend" }, h("li", null, h("span", { class: "key low" }), "input at its 10th percentile"), h("li", null, h("span", { class: "key high" }), "input at its 90th percentile"), h("li", null, h("span", { class: "key rule" }), `median of all futures, ${text.number(median)}`)),
      draw,
      note: inputs.length > shown.length ? `The ${shown.length} inputs with the widest swing of ${inputs.length}; the table has all.` : null,
      tables: [{ name: `${view.scenario.id}-${view.measure.id}-${view.period}-sensitivity.csv`, caption: `sensitivity of ${view.measure.id} in ${view.period} to every input`, columns: columnsOf(rows, ["scenario", "measure", "period", "input", "kind", "unit"]), rows }],
    });
  }

  function sobol(view) {
    const rows = (rowsOf(view, "sensitivity.csv") ?? []).filter((row) => row.total !== "" || row.first_order !== "");
    if (!rows.length) return null;
    const all = rows.map((row) => ({ row, name: row.input || row.kind, first: 100 * n(row.first_order), firstError: 100 * n(row.first_order_se), total: 100 * n(row.total), totalError: 100 * n(row.total_se) }));
    const shown = d3.sort(all, (it) => -(it.total || it.first)).slice(0, MOST_INPUTS);
    const bar = (value, error) => ({ y: "name", x1: (it) => it[value] - 2 * (it[error] || 0), x2: (it) => it[value] + 2 * (it[error] || 0), stroke: "var(--fan)", strokeOpacity: 0.5 });
    const draw = (width) => {
      const left = marks.leftOf(shown.map((it) => it.name), width);
      return marks.chart({
        width, height: 50 + 27 * shown.length, marginLeft: left, marginRight: 24, marginTop: 6, marginBottom: 36,
        x: { label: "per cent of the variance", labelAnchor: "right", labelArrow: "none", grid: true, ticks: width / 90, tickSize: 0, zero: true, tickFormat: text.tick },
        y: { label: null, domain: shown.map((it) => it.name), tickSize: 0, tickFormat: (name) => text.shortened(name, Math.floor((left - 10) / 6.8)) },
        marks: [
          Plot.ruleX([0], { stroke: "currentColor", strokeOpacity: 0.6 }),
          Plot.ruleY(shown, bar("first", "firstError")),
          Plot.ruleY(shown, bar("total", "totalError")),
          Plot.dot(shown, { y: "name", x: "total", stroke: "var(--fan)", strokeWidth: 2, fill: "var(--paper)", r: 5 }),
          Plot.dot(shown, { y: "name", x: "first", fill: "var(--fan)", r: 4 }),
        ],
      });
    };
    return figure({
      id: "sobol",
      title: `What the uncertainty of ${view.measure.id} in ${view.period} comes from, ${view.scenario.id}`,
      summary: `${shown[0].name} has the largest part: alone it makes ${text.number(shown[0].first, 0)} % of the variance, together with others ${text.number(shown[0].total, 0)} %.`,
      legend: h("ul", { class: "legend" }, h("li", null, h("span", { class: "key dot" }), "first order: the part that it explains alone"), h("li", null, h("span", { class: "key ring" }), "total: with all that it does together with others")),
      draw,
      note: "Sobol indices; lines are two standard errors to either side.",
      tables: [{ name: `${view.scenario.id}-${view.measure.id}-${view.period}-sobol.csv`, caption: `Sobol indices of ${view.measure.id} in ${view.period}`, columns: ["input", "kind", "first_order", "first_order_se", "total", "total_se"].map((key) => ({ key, text: key === "input" || key === "kind" })), rows }],
    });
  }

  // No more of them than there is room for.
  const everySo = (labels, room) => labels.filter((_, at) => at % Math.ceil(labels.length / room) === 0);

  const PARTS = [["epistemic_share", "inputs: what is not known", "var(--c0)"], ["events_share", "events: what may happen", "var(--c3)"], ["noise_share", "noise", "var(--c7)"], ["interaction_share", "these together", "var(--c4)"]];

  function variance(view) {
    const rows = rowsOf(view, "variance.csv", true);
    if (!rows?.length) return null;
    const parts = rows.flatMap((row) => PARTS.map(([key, name, colour], order) => ({ period: row.period, name, colour, order, share: 100 * n(row[key]) }))).filter((it) => Number.isFinite(it.share));
    const draw = (width) => marks.chart({
      width, height: 300, marginLeft: 46, marginRight: 12, marginTop: 26, marginBottom: 30,
      x: { label: null, domain: rows.map((row) => row.period), ticks: everySo(rows.map((row) => row.period), width / 48), tickSize: 0, type: "band", paddingInner: 0.12 },
      y: { label: "per cent of the variance", grid: true, ticks: 5, tickSize: 0, tickFormat: text.tick },
      marks: [
        Plot.barY(parts, { x: "period", y: "share", fill: "colour", order: "order", fillOpacity: 0.85, insetTop: 0.5, className: "bar", title: (it) => `${it.period}, ${it.name}\n${text.number(it.share, 1)} %`, tip: box }),
        Plot.ruleY([0], { stroke: "currentColor" }),
      ],
    });
    const now = rows.find((row) => row.period === view.period) ?? rows.at(-1);
    const share = (key) => `${text.number(100 * n(now[key]), 0)} %`;
    return figure({
      id: "variance",
      title: `What is not known, and what is chance: the variance of ${view.measure.id}, ${view.scenario.id}`,
      summary: `Of the variance in ${now.period}, ${share("epistemic_share")} come from inputs that are not known; better knowledge could take that away. ${share("events_share")} come from events and ${share("noise_share")} from noise, and these stay.`,
      legend: h("ul", { class: "legend" }, PARTS.map(([, name, colour]) => h("li", null, h("span", { class: "chip", style: `background:${colour}` }), name))),
      draw,
      tables: [{ name: `${view.scenario.id}-${view.measure.id}-variance.csv`, caption: `parts of the variance of ${view.measure.id}`, columns: columnsOf(rows, ["scenario", "measure", "period", "unit"]), rows }],
    });
  }

  function render(view) {
    const found = [waterfall(view), tornado(view), sobol(view), variance(view)].filter(Boolean);
    if (found.length) return found;
    const any = ["attribution.csv", "sensitivity.csv", "variance.csv"].some((name) => view.scenario.table(name));
    return [h("p", { class: "absent" }, any
      ? `There is no analysis of ${view.measure.id} in ${view.period}; choose another measure or period.`
      : h("span", null, `What drives ${view.scenario.id} appears here after `, h("code", null, `tradewinds explain ${view.scenario.run.sources?.[0]?.file ?? "SCENARIO"}`), " and ", h("code", null, "tradewinds report FOLDER"), "."))];
  }

  return { id: "explain", title: "What matters", lede: "Which driver moves the trade, and which uncertain input the result hangs on.", render };
})();
