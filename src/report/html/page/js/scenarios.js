// Scenarios over each other, beside each other, and trial by trial against the base.
"use strict";

tradewinds.scenarios = (() => {
  const { h } = tradewinds.dom;
  const { text, marks, state } = tradewinds;
  const { figure } = tradewinds.figure;
  const n = tradewinds.csv.number;
  const { PUBLISHED } = tradewinds.model;

  // Those that have the measure, each with the colour that it has everywhere.
  const members = ({ family, measure, hidden }) => family.scenarios
    .map((scenario, at) => ({ scenario, id: scenario.id, colour: marks.colour(at), dash: marks.dash(at) }))
    .filter(({ scenario, id }) => scenario.measure(measure.id) && !hidden.has(id))
    .map((it) => ({ ...it, rows: it.scenario.measure(measure.id).rows }));

  // Which scenarios are drawn; the keyboard reaches each.
  const choice = ({ family, hidden }) => h("fieldset", { class: "choice" }, h("legend", null, "Shown"),
    family.scenarios.map((scenario, at) => h("label", null,
      h("input", { type: "checkbox", checked: !hidden.has(scenario.id), value: scenario.id, "data-keep": `show ${scenario.id}`, onchange: (event) => state.show(scenario.id, event.target.checked) }),
      h("span", { class: "chip", style: `background:${marks.colour(at)}` }), scenario.id)));

  function overlay(view) {
    const shown = members(view);
    const selected = shown.find((it) => it.id === view.scenario.id);
    const all = shown.flatMap((it) => it.rows);
    const draw = (width) => {
      if (!shown.length) return h("p", null, "No scenario is selected.");
      const right = Math.min(0.3 * width, 20 + 7 * d3.max(shown, (it) => it.id.length));
      const [height, top, bottom] = [Math.max(300, Math.min(440, 0.48 * width)), 26, 30];
      const y = marks.values(all, (row) => [row.p50, ...(selected?.rows.includes(row) ? [row.p10, row.p90] : [])], { label: `${view.measure.unit} (${view.measure.prices})`, scale: view.scale });
      const ends = marks.apart(shown.map((it) => ({ ...it, value: it.rows.at(-1).p50 })), y, { top, bottom: height - bottom });
      const points = shown.flatMap((it) => it.rows.map((row) => ({ ...row, id: it.id })));
      return marks.chart({
        width, height, marginTop: top, marginBottom: bottom, marginLeft: 54, marginRight: right,
        x: marks.years(all, width), y,
        marks: [
          selected && Plot.areaY(selected.rows, { x: "at", y1: "p10", y2: "p90", fill: selected.colour, fillOpacity: 0.13, className: "band" }),
          shown.map((it) => Plot.lineY(it.rows, { x: "at", y: "p50", stroke: it.colour, strokeWidth: it === selected ? 3 : 1.8, strokeDasharray: it.dash, className: "scenario" })),
          Plot.text(ends, { x: (it) => it.rows.at(-1).at, y: "at_value", text: "id", textAnchor: "start", dx: 8, fill: "colour", fontWeight: (it) => (it.id === view.scenario.id ? 700 : 400) }),
          Plot.tip(points, Plot.pointer({ x: "at", y: "p50", title: (row) => `${row.id}, ${row.period}\nmedian ${text.number(row.p50)}\n90 % band ${text.range(row.p05, row.p95)}`, fontSize: 12, stroke: "var(--line)", fill: "var(--paper)", textPadding: 9 })),
        ],
      });
    };
    const last = shown.map((it) => ({ id: it.id, row: it.rows.at(-1) }));
    const [low, high] = [d3.least(last, (it) => it.row.p50), d3.greatest(last, (it) => it.row.p50)];
    return figure({
      id: "overlay",
      title: `Medians of ${view.measure.id}`,
      summary: low ? `In ${low.row.period} the medians go from ${text.number(low.row.p50)} (${low.id}) to ${text.number(high.row.p50)} ${view.measure.unit} (${high.id}).` : "",
      legend: choice(view),
      draw,
      note: selected ? `The shaded band is the 80 % band of ${selected.id}. Differences of medians say nothing of single futures; for those see the comparison below.` : null,
      tables: [{
        name: `${view.family.family}-${view.measure.id}-scenarios.csv`,
        caption: `${view.measure.id} by scenario and period`,
        columns: [{ key: "scenario", text: true }, { key: "period", text: true }, { key: "unit", text: true }, { key: "mean" }, ...PUBLISHED.map(([key]) => ({ key }))],
        rows: shown.flatMap((it) => it.rows.map((row) => row.text)),
      }],
    });
  }

  function beside(view) {
    const shown = members(view)
      .map((it) => ({ ...it.rows.find((row) => row.period === view.period && row.status === "projected"), id: it.id, colour: it.colour }))
      .filter((row) => row.period);
    const draw = (width) => {
      const left = marks.leftOf(shown.map((row) => row.id), width);
      return marks.chart({
        width, height: 50 + 34 * shown.length, marginLeft: left, marginRight: 20, marginTop: 8, marginBottom: 36,
        x: { ...marks.values(shown, (row) => [row.p05, row.p95], { label: `${view.measure.id} in ${view.period}, ${view.measure.unit}`, scale: view.scale, most: width / 90 }), labelAnchor: "right", labelArrow: "none" },
        y: { label: null, domain: shown.map((row) => row.id), tickSize: 0, tickFormat: (id) => text.shortened(id, Math.floor((left - 10) / 6.8)) },
        marks: [
          ...marks.intervals(shown, { y: "id", fill: "colour" }),
          Plot.tip(shown, Plot.pointerY({ y: "id", x: "p50", title: (row) => `${row.id}\nmedian ${text.number(row.p50)}\n50 % band ${text.range(row.p25, row.p75)}\n90 % band ${text.range(row.p05, row.p95)}`, fontSize: 12, stroke: "var(--line)", fill: "var(--paper)", textPadding: 9 })),
        ],
      });
    };
    return figure({
      id: "beside",
      title: `${view.measure.id} in ${view.period}, scenario by scenario`,
      summary: "Dot: median. Thick line: 50 % band. Thin line: 90 % band.",
      draw,
      tables: [{
        name: `${view.family.family}-${view.measure.id}-${view.period}.csv`,
        caption: `${view.measure.id} in ${view.period} by scenario`,
        columns: [{ key: "scenario", text: true }, { key: "period", text: true }, { key: "unit", text: true }, { key: "mean" }, { key: "sd" }, ...PUBLISHED.map(([key]) => ({ key }))],
        rows: shown.map((row) => row.text),
      }],
    });
  }

  // Trial by trial, from `comparison.csv`.
  function differences({ family, measure, period, hidden }) {
    const rows = family.shared("comparison.csv")?.rows.filter((row) => row.measure === measure.id && row.period === period && !hidden.has(row.scenario)) ?? [];
    const known = new Map(family.scenarios.map((it, at) => [it.id, { colour: marks.colour(at), title: it.title }]));
    return rows.map((row) => ({
      text: row, id: row.scenario, colour: "currentColor", title: row.scenario, ...known.get(row.scenario),
      mean: n(row.difference_mean), p05: n(row.difference_p05), p25: n(row.difference_p25), p50: n(row.difference_p50), p75: n(row.difference_p75), p95: n(row.difference_p95),
    }));
  }

  function paired(view) {
    const file = view.family.shared("comparison.csv");
    if (!file) return h("p", { class: "absent" }, "What one change is worth, trial by trial, appears here after ", h("code", null, "tradewinds compare BASE OTHER.."), " and ", h("code", null, "tradewinds report FOLDER"), ".");
    const points = differences(view);
    if (!points.length) return h("p", { class: "absent" }, `comparison.csv has no row for ${view.measure.id} in ${view.period}.`);
    const { base, unit } = points[0].text;
    const draw = (width) => {
      const left = marks.leftOf(points.map((row) => row.id), width);
      return marks.chart({
        width, height: 50 + 34 * points.length, marginLeft: left, marginRight: 20, marginTop: 8, marginBottom: 36,
        x: { ...marks.values(points, (row) => [row.p05, row.p95, row.mean], { label: `difference from ${base} in ${view.period}, ${unit}`, most: width / 90 }), labelAnchor: "right", labelArrow: "none" },
        y: { label: null, domain: points.map((row) => row.id), tickSize: 0, tickFormat: (id) => text.shortened(id, Math.floor((left - 10) / 6.8)) },
        marks: [
          Plot.ruleX([0], { stroke: "currentColor", strokeOpacity: 0.6 }),
          ...marks.intervals(points, { y: "id", fill: "colour" }),
          Plot.tickX(points, { x: "mean", y: "id", stroke: "colour", strokeWidth: 2, inset: 8 }),
          Plot.tip(points, Plot.pointerY({ y: "id", x: "p50", title: told, fontSize: 12, stroke: "var(--line)", fill: "var(--paper)", textPadding: 9 })),
        ],
      });
    };
    return figure({
      id: "comparison",
      title: `What a change is worth: trial by trial against ${base}`,
      summary: sentences(view, points),
      draw,
      note: "Both scenarios are simulated on the same draws, and each trial of one is set against the same trial of the other. Dot: median of the difference. Upright tick: mean. Thick line: 50 %, thin line: 90 % of the trials.",
      tables: [{
        name: `comparison-${view.measure.id}-${view.period}.csv`,
        caption: `paired differences of ${view.measure.id} in ${view.period}`,
        columns: file.rows.columns.map((key) => ({ key, text: ["base", "scenario", "measure", "period", "unit"].includes(key) })),
        rows: points.map((row) => row.text),
      }],
    });
  }

  const sentences = (view, points) => h("ul", { class: "sentences" }, points.map((row) => h("li", null,
    h("strong", null, row.title), row.title === row.id ? "" : ` (${row.id})`, `: ${sentence(row, `${view.measure.id} in ${view.period}`)}`)));

  // In the direction in which more trials go.
  function sentence({ text: row, mean, p05, p50, p95 }, what) {
    const [below, above] = [n(row.probability_lower), n(row.probability_higher)];
    if (below === 0 && above === 0) return `${what} is the same in every trial.`;
    const [share, word, sign] = below > above ? [below, "lower", -1] : [above, "higher", 1];
    const other = word === "lower" ? "higher" : "lower";
    const [least, most] = d3.sort([sign * p05, sign * p95]);
    const digits = Math.abs(most) >= 100 ? 0 : 1;
    const size = (value, places = digits) => text.number(Math.abs(value), places);
    const isZero = (value) => !/[1-9]/.test(size(value));
    const towards = (value) => (sign * value < 0 ? other : word);
    const median = isZero(p50) ? "the same in the median" : `${size(p50)} ${towards(p50)} in the median`;
    const from = least < 0 && !isZero(least) ? `${size(least)} ${other} to ${size(most)} ${word}` : `${size(least)} to ${size(most)}${isZero(p50) && !isZero(most) ? ` ${word}` : ""}`;
    const error = n(row.difference_se);
    const places = text.errorDecimals(error, digits);
    const average = `${[size(mean, places), text.error(error, digits)].filter(Boolean).join("\u00a0")} ${towards(mean)} on average`;
    return `${what} is ${median} (90 %: ${from}), ${average}; ${word} in ${text.percent(share)} of trials.`;
  }

  // What each change is worth, in words, for whoever looks at the first figures only.
  function worth(view) {
    const points = differences({ ...view, hidden: new Set() });
    if (!points.length) return null;
    return h("div", null,
      h("p", { class: "tablename" }, `What a change is worth, against ${points[0].text.base}, ${points[0].text.unit}`),
      sentences(view, points),
      h("p", { class: "note" }, "Trial by trial on the same draws. 90 %: nine trials in ten lie there; \u00b1: the standard error of the average from simulating. What a scenario leaves out is worth the difference, with its sign turned."));
  }

  const told = (row) => `${row.id}\nmedian ${text.signed(row.p50)}, mean ${text.signed(row.mean)} \u00b1 ${text.number(n(row.text.difference_se))}\n` +
    `90 % of trials ${text.signed(row.p05)} to ${text.signed(row.p95)}\nhigher in ${text.percent(n(row.text.probability_higher))}, lower in ${text.percent(n(row.text.probability_lower))} of trials`;

  return {
    id: "scenarios",
    title: "Scenarios compared",
    lede: "The same measure under different assumptions.",
    render: (view) => [overlay(view), beside(view), paired(view)],
    worth,
  };
})();
