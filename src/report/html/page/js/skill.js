// How the method would have done on the past, from `backtest.csv` and `pit.csv`.
"use strict";

tradewinds.skill = (() => {
  const { h } = tradewinds.dom;
  const { text, marks } = tradewinds;
  const { figure } = tradewinds.figure;
  const n = tradewinds.csv.number;
  const WORDS = ["model", "horizon", "size_class", "series"];
  const NOMINAL = [["cover50", 50], ["cover80", 80], ["cover90", 90]];

  const data = (file, rows) => ({ name: file.path.split("/").at(-1), caption: "all scores", columns: rows.columns.map((key) => ({ key, text: WORDS.includes(key) })), rows });

  function scores(file) {
    const all = file.rows.filter((row) => row.size_class === "all").map((row) => ({ model: row.model, at: n(row.horizon), crps: n(row.crps), error: n(row.crps_se) || 0 }));
    const models = [...new Set(all.map((row) => row.model))];
    const shown = models.map((model, at) => ({ model, colour: marks.colour(at), rows: d3.sort(all.filter((row) => row.model === model), (row) => row.at) }));
    return figure({
      id: "crps",
      title: "Error of past projections by horizon",
      summary: "CRPS of log trade, lower is better; lines at the dots are two standard errors to either side.",
      draw: (width) => {
        const right = Math.min(0.34 * width, 20 + 6.6 * d3.max(models, (model) => model.length));
        const [height, top, bottom] = [320, 24, 40];
        const y = marks.values(all, (row) => [row.crps + 2 * row.error], { label: "CRPS", most: 5 });
        const ends = marks.apart(shown.map((it) => ({ ...it, value: it.rows.at(-1).crps })), y, { top, bottom: height - bottom });
        return marks.chart({
          width, height, marginTop: top, marginBottom: bottom, marginLeft: 50, marginRight: right, y,
          x: { label: "years ahead", labelAnchor: "right", labelArrow: "none", ticks: [...new Set(all.map((row) => row.at))], tickFormat: String },
          marks: [
            shown.map((it) => [Plot.lineY(it.rows, { x: "at", y: "crps", stroke: it.colour, strokeWidth: it.model === "tradewinds" ? 3 : 1.8, className: "model" }),
              Plot.ruleX(it.rows, { x: "at", y1: (row) => row.crps - 2 * row.error, y2: (row) => row.crps + 2 * row.error, stroke: it.colour }),
              Plot.dot(it.rows, { x: "at", y: "crps", fill: it.colour, r: 3.5 })]).flat(),
            Plot.text(ends, { x: (it) => it.rows.at(-1).at, y: "at_value", text: "model", textAnchor: "start", dx: 8, fill: "colour" }),
          ],
        });
      },
      tables: [data(file, file.rows)],
    });
  }

  function coverage(file) {
    const own = file.rows.filter((row) => row.size_class === "all" && row.model === "tradewinds");
    if (!own.length) return null;
    const points = own.flatMap((row) => NOMINAL.map(([key, share], at) => ({ at: n(row.horizon), share, value: 100 * n(row[key]), colour: marks.colour(at) })));
    return figure({
      id: "coverage",
      title: "How often the bands held what came",
      summary: "Dots: share of past outcomes inside of the 50, 80 and 90 % band. Lines: where they should be.",
      draw: (width) => marks.chart({
        width, height: 320, marginTop: 24, marginBottom: 40, marginLeft: 46, marginRight: 20,
        x: { label: "years ahead", labelAnchor: "right", labelArrow: "none", ticks: [...new Set(points.map((it) => it.at))], tickFormat: String, inset: 12 },
        y: { label: "per cent", domain: [0, 100], grid: true, tickSize: 0, ticks: 5 },
        marks: [Plot.ruleY(NOMINAL, { y: ([, share]) => share, stroke: (_, at) => marks.colour(at), strokeDasharray: "5 4" }), Plot.dot(points, { x: "at", y: "value", fill: "colour", r: 5, className: "cover" })],
      }),
      tables: [{ ...data(file, file.rows), name: "coverage.csv", caption: "share of past outcomes in each band", columns: ["horizon", "n", ...NOMINAL.map(([key]) => key)].map((key) => ({ key, text: false })), rows: own }],
    });
  }

  function uniformity(file) {
    const [low, share] = [["bin_low", "low", "pit_low"], ["share", "probability", "density"]].map((names) => names.find((name) => file.rows.columns.includes(name)));
    const own = file.rows.filter((row) => (row.model ?? "tradewinds") === "tradewinds" && (row.size_class ?? "all") === "all");
    if (!low || !share || !own.length) return null;
    return figure({
      id: "pit",
      title: "Where outcomes fell in their distribution (PIT)",
      summary: "Bars along the dashed line: outcomes fell everywhere as often as they should. A hump means bands that are too wide, a trough too narrow.",
      draw: (width) => marks.chart({
        width, height: 240, marginTop: 20, marginBottom: 40, marginLeft: 46, marginRight: 16,
        fx: own[0].horizon === undefined ? undefined : { label: null, domain: d3.sort(new Set(own.map((row) => row.horizon)), Number), tickFormat: (horizon) => (horizon === "1" ? "1 year ahead" : `${horizon} years ahead`) },
        x: { label: "quantile", type: "band", ticks: [] }, y: { label: "share", grid: true, tickSize: 0, ticks: 4 },
        marks: [Plot.barY(own, { fx: own[0].horizon === undefined ? undefined : "horizon", x: low, y: (row) => n(row[share]), fill: "var(--fan)", fillOpacity: 0.6, className: "bar" }), Plot.ruleY([1 / new Set(own.map((row) => row[low])).size], { stroke: "currentColor", strokeDasharray: "5 4", className: "even" }), Plot.ruleY([0], { stroke: "currentColor" })],
      }),
      tables: [data(file, file.rows)],
    });
  }

  function render({ family }) {
    const [scored, pit] = [family.shared("backtest.csv"), family.shared("pit.csv")];
    if (!scored) return [h("p", { class: "absent" }, "How the method would have done on past trade appears here after ", h("code", null, "tradewinds backtest PANEL --out FOLDER"), ", where FOLDER is that of this family.")];
    return [h("div", { class: "grid two" }, [scores(scored), coverage(scored)].filter(Boolean)), pit && uniformity(pit)].filter(Boolean);
  }

  return { id: "skill", title: "Skill on the past", lede: null, render };
})();
