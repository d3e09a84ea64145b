// Targets: how likely they are, and the year in which they are first reached.
"use strict";

tradewinds.targets = (() => {
  const { h } = tradewinds.dom;
  const { text, marks } = tradewinds;
  const { figure, table, scrollable } = tradewinds.figure;
  const n = tradewinds.csv.number;
  const NOTE = "\u00b1 is one standard error of the simulation. A target with \u201cby\u201d is reached in the first year that meets the threshold, and counts from then on, even if trade falls back. Years after the target's own do not count.";

  // Targets of the family, each with the scenarios that have it.
  function targets(family) {
    const all = family.scenarios.flatMap((scenario, at) => (scenario.table("targets.csv") ?? []).map((row) => ({
      row, scenario, colour: marks.colour(at), dash: marks.dash(at), condition: tradewinds.glance.condition(row), probability: n(row.probability), error: n(row.standard_error),
    })));
    return d3.groups(all, (it) => `${it.row.target}: ${it.condition}`);
  }

  function odds(name, members) {
    const draw = (width) => {
      const left = marks.leftOf(members.map((it) => it.scenario.id), width);
      return marks.chart({
        width, height: 46 + 30 * members.length, marginLeft: left, marginRight: 96, marginTop: 6, marginBottom: 34,
        x: { label: "per cent of futures", labelAnchor: "right", labelArrow: "none", grid: true, ticks: width / 110, tickSize: 0, domain: [0, Math.max(1, 115 * d3.max(members, (it) => it.probability))], tickFormat: text.tick },
        y: { label: null, domain: members.map((it) => it.scenario.id), tickSize: 0, tickFormat: (id) => text.shortened(id, Math.floor((left - 10) / 6.8)) },
        marks: [
          Plot.barX(members, { y: (it) => it.scenario.id, x: (it) => 100 * it.probability, fill: "colour", fillOpacity: 0.75, insetTop: 2, insetBottom: 2, className: "bar" }),
          Plot.ruleX([0], { stroke: "currentColor" }),
          Plot.text(members, { y: (it) => it.scenario.id, x: (it) => 100 * it.probability, text: (it) => sure(it.probability, it.error), textAnchor: "start", dx: 6, fontWeight: 600 }),
        ],
      });
    };
    const best = d3.greatest(members, (it) => it.probability);
    return figure({
      id: `target-${members[0].row.target}`,
      title: name,
      summary: members.length > 1 ? `Likeliest in ${best.scenario.id}, with ${text.percent(best.probability)}.` : `Reached in ${text.percent(best.probability)} of the futures.`,
      draw,
      tables: [{
        name: `target-${members[0].row.target}.csv`,
        caption: `probabilities of ${members[0].row.target}`,
        columns: Object.keys(members[0].row).map((key) => ({ key, text: ["scenario", "target", "measure", "direction", "by", "in", "unit"].includes(key) })),
        rows: members.map((it) => it.row),
      }],
    });
  }

  const sure = (probability, error) => `${text.percent(probability, text.errorDecimals(100 * error, 1))} ${text.error(100 * error, 1)}`.trim();

  // Year by year, each scenario's rows of `first_passage.csv`.
  function passages(members) {
    return members.map((it) => ({
      ...it, id: it.scenario.id,
      rows: (it.scenario.table("first_passage.csv") ?? []).filter((row) => row.target === it.row.target)
        .map((row) => ({ text: row, at: Number(row.period), period: row.period, first: 100 * n(row.probability), by: 100 * n(row.probability_by_then) })),
    })).filter((it) => it.rows.length);
  }

  function reached(name, members) {
    const shown = passages(members);
    const all = shown.flatMap((it) => it.rows.map((row) => ({ ...row, id: it.id, colour: it.colour })));
    if (!shown.length) return h("p", { class: "absent" }, `The year in which ${members[0].row.target} is first reached appears here once the scenario is simulated anew.`);
    if (shown.every((it) => it.rows.length < 2)) return null;
    const draw = (width) => {
      const right = Math.min(0.3 * width, 20 + 7 * d3.max(shown, (it) => it.id.length));
      const [height, top, bottom] = [280, 26, 30];
      const y = { ...marks.values(all, (row) => [row.by], { label: "per cent of futures that have been there", most: 5 }) };
      const ends = marks.apart(shown.map((it) => ({ ...it, value: it.rows.at(-1).by })), y, { top, bottom: height - bottom });
      return marks.chart({
        width, height, marginTop: top, marginBottom: bottom, marginLeft: 46, marginRight: right,
        x: marks.years(all, width), y,
        marks: [
          shown.map((it) => Plot.lineY(it.rows, { x: "at", y: "by", stroke: it.colour, strokeWidth: 2, strokeDasharray: it.dash, className: "passage" })),
          Plot.dot(all, { x: "at", y: "by", fill: "colour", r: 2.6 }),
          Plot.text(ends, { x: (it) => it.rows.at(-1).at, y: "at_value", text: "id", textAnchor: "start", dx: 8, fill: "colour" }),
          Plot.tip(all, Plot.pointer({ x: "at", y: "by", title: (row) => `${row.id}\nfirst in ${row.period}: ${text.percent(row.first / 100)} of futures\nby then: ${text.percent(row.by / 100)}`, fontSize: 12, stroke: "var(--line)", fill: "var(--paper)", textPadding: 9 })),
        ],
      });
    };
    const [first] = shown;
    const likeliest = d3.greatest(first.rows, (row) => row.first);
    return figure({
      id: `first-passage-${members[0].row.target}`,
      title: `When ${members[0].row.target} is first reached`,
      summary: likeliest.first > 0
        ? `${first.id}: of the futures, ${text.percent(first.rows.at(-1).by / 100)} get there by ${first.rows.at(-1).period}; most often for the first time in ${likeliest.period} (${text.percent(likeliest.first / 100)}).`
        : `${first.id}: in no future.`,
      draw,
      extra: firstYears(members[0].row.target, shown),
      tables: [{
        name: `first-passage-${members[0].row.target}.csv`,
        caption: `share of the futures by year, ${members[0].row.target}`,
        columns: Object.keys(all[0].text).map((key) => ({ key, text: ["scenario", "target", "period", "title"].includes(key) })),
        rows: all.map((row) => row.text),
      }],
    });
  }

  // Each year's share, and that of the futures which do not get there.
  function firstYears(name, shown) {
    const periods = [...new Set(shown.flatMap((it) => it.rows.map((row) => row.period)))].sort();
    const columns = [{ key: "scenario", label: "Scenario", text: true }, ...periods.map((period) => ({ key: period, label: period })), { key: "never", label: "not by then" }];
    const cell = (it, period) => { const row = it.rows.find((row) => row.period === period); return row ? text.percent(row.first / 100) : ""; };
    const texts = shown.map((it) => [it.id, ...periods.map((period) => cell(it, period)), text.percent(1 - it.rows.at(-1).by / 100)]);
    const caption = "Share of the futures that get there for the first time in this year";
    return h("div", { "data-table": "first-years" }, h("p", { class: "tablename small" }, caption), scrollable(`${name}: ${caption}`, table(columns, texts, `${name}: ${caption}`)));
  }

  function render({ family }) {
    const all = targets(family);
    if (!all.length) return [h("p", { class: "absent" }, "No scenario of this family has a ", h("code", null, "[[target]]"), ".")];
    return [h("div", { class: "grid two" }, all.map(([name, members]) => odds(name, members))), ...all.map(([name, members]) => reached(name, members)).filter(Boolean), h("p", { class: "note" }, NOTE)];
  }

  return { id: "targets", title: "Targets", lede: "How many of the futures reach a threshold in time, and when for the first time.", render };
})();
