// Growth, computed within each future, from `growth.csv`.
"use strict";

tradewinds.growth = (() => {
  const { h } = tradewinds.dom;
  const { text, marks } = tradewinds;
  const { figure } = tradewinds.figure;
  const n = tradewinds.csv.number;
  const KINDS = { yearly: "Growth on the year before", since_base: "Average growth since the base year", cumulative: "Sum since the base year" };

  function one(view, kind, texts) {
    const rows = texts.map((row) => ({ at: Number(row.period), period: row.period, p05: n(row.p05), p10: n(row.p10), p25: n(row.p25), p50: n(row.p50), p75: n(row.p75), p90: n(row.p90), p95: n(row.p95) })).filter((row) => Number.isFinite(row.p50));
    if (rows.length < 2) return null;
    const last = rows.at(-1);
    const digits = kind === "cumulative" ? undefined : 1;
    const band = (low, high) => Plot.areaY(rows, { x: "at", y1: low, y2: high, fill: "var(--fan)", fillOpacity: 0.2, className: "band" });
    return figure({
      id: `growth-${kind}`,
      title: KINDS[kind] ?? kind,
      summary: `${last.period}: median ${text.number(last.p50, digits)}, 90 % band ${text.range(last.p05, last.p95, digits)} ${texts[0].unit}.`,
      draw: (width) => marks.chart({
        width, height: 230, marginTop: 24, marginBottom: 26, marginLeft: 50, marginRight: 14,
        x: marks.years(rows, width), y: marks.values(rows, (row) => [row.p05, row.p95], { label: texts[0].unit, most: 5 }),
        marks: [band("p05", "p95"), band("p10", "p90"), band("p25", "p75"), Plot.ruleY([0], { stroke: "currentColor", strokeOpacity: 0.5 }), Plot.lineY(rows, { x: "at", y: "p50", stroke: "var(--fan)", strokeWidth: 2.2 }),
          ...marks.reader(rows, { y: "p50", title: (row) => `${row.period}\nmedian ${text.number(row.p50)}\n50 % band ${text.range(row.p25, row.p75)}\n90 % band ${text.range(row.p05, row.p95)}` })],
      }),
      tables: [{ name: `${view.scenario.id}-${view.measure.id}-growth-${kind}.csv`, caption: `${kind}, ${view.measure.id}`, columns: Object.keys(texts[0]).map((key) => ({ key, text: ["scenario", "measure", "period", "kind", "unit"].includes(key) })), rows: texts }],
    });
  }

  function render(view) {
    const rows = view.scenario.table("growth.csv");
    if (!rows) return [h("p", { class: "absent" }, "Growth rates appear here after ", h("code", null, "tradewinds run --growth"), ".")];
    const kinds = d3.groups(rows.filter((row) => row.measure === view.measure.id), (row) => row.kind);
    return [h("div", { class: "grid three" }, kinds.map(([kind, texts]) => one(view, kind, texts)).filter(Boolean)),
      h("p", { class: "note" }, "Bands of 50, 80 and 90 % and the median. Rates are taken within each future and then summed up; growth between two percentiles would be the growth of no future. Where a value may not be above zero there is no rate.")];
  }

  return { id: "growth", title: "Growth", lede: "How fast the selected measure grows, and what adds up.", render };
})();
