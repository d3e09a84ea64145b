// Drivers: whether they are on, which state a regime is in, and what they add.
"use strict";

tradewinds.drivers = (() => {
  const { h } = tradewinds.dom;
  const { text, marks } = tradewinds;
  const { figure } = tradewinds.figure;
  const n = tradewinds.csv.number;
  const WORDS = ["scenario", "driver", "kind", "state", "period", "unit"];
  // No green and no red: which state is good the page cannot know.
  const STATES = ["var(--c0)", "var(--c3)", "var(--c4)", "var(--c5)", "var(--c6)", "var(--c7)"];
  const box = { fontSize: 12, stroke: "var(--line)", fill: "var(--paper)", textPadding: 9 };

  function rowsOf({ scenario }) {
    return (scenario.table("drivers.csv") ?? []).map((row) => ({
      text: row, driver: row.driver, kind: row.kind, state: row.state, period: row.period, at: scenario.at(row.period), unit: row.unit,
      probability: n(row.probability_active), mean: n(row.mean), p05: n(row.p05), p50: n(row.p50), p95: n(row.p95),
    }));
  }

  const data = (name, caption, rows) => ({ name, caption, columns: Object.keys(rows[0].text).map((key) => ({ key, text: WORDS.includes(key) })), rows: rows.map((row) => row.text) });

  // A regime repeats its contribution for each state; one of them says it.
  const onceEach = (rows) => [...d3.group(rows, (row) => row.driver).values()].map((all) => all.filter((row) => row.state === all[0].state));

  function status(view, rows) {
    const lines = [...d3.group(rows.filter((row) => row.state === "" && Number.isFinite(row.probability)), (row) => row.driver).values()];
    if (!lines.length) return null;
    const shown = lines.map((rows, at) => ({ name: rows[0].driver, rows, colour: marks.colour(at), dash: marks.dash(at), value: 100 * rows.at(-1).probability }));
    const draw = (width) => {
      const [height, top, bottom] = [Math.max(300, 20 * shown.length + 60), 26, 30];
      const right = Math.min(0.36 * width, 20 + 6.6 * d3.max(shown, (it) => it.name.length));
      const y = { type: "linear", domain: [0, 100] };
      const ends = marks.apart(shown, y, { top, bottom: height - bottom, gap: 14 });
      const points = shown.flatMap((it) => it.rows);
      return marks.chart({
        width, height, marginTop: top, marginBottom: bottom, marginLeft: 46, marginRight: right,
        x: marks.years(points, width), y: { ...y, label: "per cent of futures", grid: true, tickSize: 0, ticks: 5 },
        marks: [
          shown.map((it) => Plot.lineY(it.rows, { x: "at", y: (row) => 100 * row.probability, stroke: it.colour, strokeDasharray: it.dash, strokeWidth: 2, className: "driver" })),
          Plot.text(ends, { x: (it) => it.rows.at(-1).at, y: "at_value", text: (it) => text.shortened(it.name, Math.floor(right / 6.4)), textAnchor: "start", dx: 7, fill: "colour" }),
          Plot.tip(points, Plot.pointer({ x: "at", y: (row) => 100 * row.probability, title: (row) => `${row.driver}, ${row.period}\n${row.kind}\n${text.percent(row.probability)} of futures`, ...box })),
        ],
      });
    };
    return figure({
      id: "status",
      title: `How likely each driver is on, ${view.scenario.id}`,
      summary: `At the end, in ${rows.at(-1).period}: ${text.list(shown.map((it) => `${it.name} in ${text.percent(it.value / 100)}`))} of the futures.`,
      draw,
      note: "Happened, started and on at the end of the period. For shocks and cargoes: at least one event in the period.",
      tables: [data(`${view.scenario.id}-drivers.csv`, "every driver and period", rows)],
    });
  }

  function states(view, rows) {
    const regimes = [...d3.group(rows.filter((row) => row.state !== ""), (row) => row.driver)];
    return regimes.map(([driver, all]) => {
      const names = [...new Set(all.map((row) => row.state))];
      const colours = names.map((_, at) => STATES[at % STATES.length]);
      const last = all.filter((row) => row.period === all.at(-1).period);
      return figure({
        id: `states-${driver}`,
        title: `States of ${driver}, ${view.scenario.id}`,
        summary: `In ${last[0].period}: ${text.list(last.map((row) => `${row.state} in ${text.percent(row.probability)}`))} of the futures.`,
        legend: h("ul", { class: "legend" }, names.map((name, at) => h("li", null, h("span", { class: "chip", style: `background:${colours[at]}` }), name))),
        draw: (width) => marks.chart({
          width, height: 300, marginTop: 26, marginBottom: 30, marginLeft: 46, marginRight: 16,
          x: marks.years(all, width), y: { label: "per cent of futures", domain: [0, 100], ticks: 5, tickSize: 0, grid: true },
          marks: [
            Plot.areaY(all, { x: "at", y: (row) => 100 * row.probability, fill: (row) => colours[names.indexOf(row.state)], z: "state", order: names, fillOpacity: 0.75, className: "state", stroke: "var(--paper)", strokeWidth: 1 }),
            Plot.tip(last.length ? all.filter((row) => row.state === names[0]) : [], Plot.pointerX({ x: "at", y: () => 50, title: (row) => [row.period, ...all.filter((it) => it.period === row.period).map((it) => `${it.state} ${text.percent(it.probability)}`)].join("\n"), ...box })),
          ],
        }),
        tables: [data(`${view.scenario.id}-${driver}-states.csv`, `states of ${driver}`, all)],
      });
    });
  }

  // What each adds in the selected period: log points and money do not share an axis.
  function contributions(view, rows) {
    const now = onceEach(rows).flat().filter((row) => row.period === view.period);
    return [...d3.group(now, (row) => row.unit)].map(([unit, shown]) => figure({
      id: `contribution-${unit.replace(/[^a-z0-9]+/gi, "-")}`,
      title: `What each driver adds in ${view.period}, ${view.scenario.id}`,
      summary: unit === "log points"
        ? "To the log of a flow that feels it fully: 0.05 is about 5 %, \u22120.7 is about half. Dot: mean. Line: 90 % band."
        : `Cargoes, ${unit} in the period. Dot: mean. Line: 90 % band.`,
      draw: (width) => {
        const left = marks.leftOf(shown.map((row) => row.driver), width);
        return marks.chart({
          width, height: 50 + 28 * shown.length, marginLeft: left, marginRight: 24, marginTop: 6, marginBottom: 36,
          x: { ...marks.values(shown, (row) => [row.p05, row.p95, row.mean], { label: unit, most: width / 90 }), labelAnchor: "right", labelArrow: "none" },
          y: { label: null, domain: shown.map((row) => row.driver), tickSize: 0, tickFormat: (name) => text.shortened(name, Math.floor((left - 10) / 6.8)) },
          marks: [
            Plot.ruleX([0], { stroke: "currentColor", strokeOpacity: 0.6 }),
            Plot.ruleY(shown, { y: "driver", x1: "p05", x2: "p95", stroke: "var(--fan)", strokeWidth: 5, strokeOpacity: 0.4 }),
            Plot.dot(shown, { y: "driver", x: "mean", fill: "var(--fan)", r: 4.5 }),
            Plot.tip(shown, Plot.pointerY({ y: "driver", x: "mean", title: (row) => `${row.driver} (${row.kind})\nmean ${text.signed(row.mean, 3)}, median ${text.signed(row.p50, 3)}\n90 % band ${text.signed(row.p05, 3)} to ${text.signed(row.p95, 3)}`, ...box })),
          ],
        });
      },
      tables: [data(`${view.scenario.id}-drivers-${view.period}.csv`, `contributions in ${view.period}, ${unit}`, shown)],
    }));
  }

  function overTime(view, rows) {
    const small = onceEach(rows).map((all) => figure({
      id: `driver-${all[0].driver}`,
      title: all[0].driver,
      summary: `${all[0].kind}, ${all[0].unit}`,
      draw: (width) => marks.chart({
        width, height: 150, marginTop: 14, marginBottom: 24, marginLeft: 46, marginRight: 12,
        x: marks.years(all, width), y: marks.values(all, (row) => [row.p05, row.p95, row.mean], { label: null, most: 4 }),
        marks: [
          Plot.areaY(all, { x: "at", y1: "p05", y2: "p95", fill: "var(--fan)", fillOpacity: 0.22, className: "band" }),
          Plot.ruleY([0], { stroke: "currentColor", strokeOpacity: 0.5 }),
          Plot.lineY(all, { x: "at", y: "mean", stroke: "var(--fan)", strokeWidth: 2 }),
        ],
      }),
      tables: [{ ...data(`${view.scenario.id}-${all[0].driver}-contribution.csv`, `contribution of ${all[0].driver}`, all), label: "Data" }],
    }));
    return [h("h3", { class: "group" }, "Contribution over time: mean and 90 % band"), h("div", { class: "grid", "data-group": "drivers" }, small)];
  }

  function render(view) {
    const rows = rowsOf(view);
    if (!rows.length) return [h("p", { class: "absent" }, `${view.scenario.id} has no drivers.`)];
    return [status(view, rows), ...states(view, rows), ...contributions(view, rows), ...overTime(view, rows)].filter(Boolean);
  }

  return { id: "drivers", title: "Drivers", lede: "What may happen, how likely it has, and what it adds. From the first 65,536 trials.", render };
})();
