// The whole distribution in one period, from `distribution.csv`.
"use strict";

tradewinds.distribution = (() => {
  const { h } = tradewinds.dom;
  const { text, marks } = tradewinds;
  const { figure } = tradewinds.figure;
  const n = tradewinds.csv.number;

  // Bins are twenty to a factor of ten, so all that are above 0 are equally wide on a logarithmic axis.
  function bins(scenario, measure, period) {
    const rows = scenario.table("distribution.csv")?.filter((row) => row.measure === measure.id && row.period === period) ?? [];
    return rows.map((text) => ({ text, low: n(text.bin_low), high: n(text.bin_high), share: n(text.probability) }));
  }

  function draw(all, view) {
    const positive = all.every((bin) => bin.low > 0);
    return (width) => {
      // Where bins go through 0 they are not alike, and it is the area that tells.
      const tall = (bin) => (positive ? 100 * bin.share : (100 * bin.share) / (bin.high - bin.low));
      const domain = span(all, positive ? 0.001 : 0.01);
      return marks.chart({
        width, height: 300, marginLeft: 54, marginRight: 16, marginTop: 42, marginBottom: 40,
        x: { type: positive ? "log" : "linear", label: `${view.measure.id} in ${view.period}, ${view.measure.unit}`, labelAnchor: "right", labelArrow: "none", tickFormat: text.tick, ticks: positive ? marks.powers(domain, width / 80) : width / 100, domain },
        y: { label: positive ? "per cent of futures, by bin" : `per cent of futures per ${view.measure.unit}`, grid: true, ticks: 5, tickSize: 0, tickFormat: text.tick },
        marks: [
          Plot.rectY(all.filter(inside(domain)), { x1: "low", x2: "high", y: tall, fill: "var(--fan)", fillOpacity: 0.55, insetLeft: 0.5, insetRight: 0.5, className: "bin", title: (bin) => `${text.number(bin.low)} to ${text.number(bin.high)}: ${text.percent(bin.share)} of futures`, tip: { fontSize: 12, stroke: "var(--line)", fill: "var(--paper)" } }),
          Plot.ruleY([0]),
          lines(view).map((it) => Plot.ruleX([it], { x: "value", stroke: "var(--ink)", strokeDasharray: it.dash, strokeWidth: 1.5 })),
          Plot.text(lines(view), { x: "value", text: "name", frameAnchor: "top", dy: -12, fontWeight: 600, fill: "var(--ink)" }),
        ],
      });
    };
  }

  // Without the ends that hold less than `cut`: the last bins of a heavy tail would squeeze all others.
  function span(all, cut) {
    let below = 0;
    const marked = all.map((bin) => ({ bin, from: below, to: (below += bin.share) }));
    const kept = marked.filter(({ from, to }) => to > cut && from < 1 - cut).map(({ bin }) => bin);
    return [d3.min(kept, (bin) => bin.low), d3.max(kept, (bin) => bin.high)];
  }
  const inside = ([low, high]) => (bin) => bin.low >= low && bin.high <= high;

  function lines({ measure, period }) {
    const row = measure.rows.find((it) => it.period === period && it.status === "projected");
    return [["p05", "5 %", "3 3"], ["p50", "median", "none"], ["p95", "95 %", "3 3"]].map(([key, name, dash]) => ({ value: row[key], name, dash }));
  }

  function render(view) {
    const all = bins(view.scenario, view.measure, view.period);
    if (!all.length) return [h("p", { class: "absent" }, `There is no distribution.csv for ${view.scenario.id}.`)];
    const positive = all.every((bin) => bin.low > 0);
    const most = d3.greatest(all, (bin) => bin.share);
    return [figure({
      id: "distribution",
      title: `${view.measure.id} in ${view.period}, ${view.scenario.id}`,
      summary: `The fullest bin is ${text.range(most.low, most.high)} ${view.measure.unit}, with ${text.percent(most.share)} of the futures.`,
      draw: draw(all, view),
      note: positive ? "The axis is logarithmic and all bins are equally wide on it, twenty to a factor of ten. About one future in a thousand at either end is not drawn." : "Bins differ in width; areas are proportional to probabilities. About one future in a hundred at either end is not drawn.",
      tables: [{
        name: `${view.scenario.id}-${view.measure.id}-${view.period}-distribution.csv`,
        caption: `bins of ${view.measure.id} in ${view.period}`,
        columns: [{ key: "bin_low" }, { key: "bin_high" }, { key: "probability" }],
        rows: all.map((bin) => bin.text),
      }],
    })];
  }

  return { id: "distribution", title: "Distribution", lede: "How the futures of one period are spread.", render };
})();
