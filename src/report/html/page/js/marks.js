// What several charts share: their look, fans, intervals, labels that keep apart.
"use strict";

tradewinds.marks = (() => {
  const { text } = tradewinds;
  const { SHADES, BANDS } = tradewinds.model;
  const COLOURS = d3.range(8).map((at) => `var(--c${at})`);

  // Beyond as many lines as there are colours, the colours come again, broken.
  const colour = (at) => COLOURS[at % COLOURS.length];
  const dash = (at) => ["none", "6 3", "2 3", "8 3 2 3"][Math.floor(at / COLOURS.length) % 4];

  function chart(options) {
    const element = Plot.plot({
      style: { background: "none", color: "currentColor", fontFamily: "inherit", fontSize: "12px", overflow: "visible" },
      ...labelled(labelled(options, "x"), "y"),
    });
    // The figure around it has the role and the words.
    element.setAttribute("aria-hidden", "true");
    return element;
  }

  // A logarithmic axis of Plot leaves out the labels of some of its ticks; one of its own kind does not.
  function labelled(options, key) {
    const { type, domain, ticks, tickFormat, grid, ...axis } = options[key] ?? {};
    if (type !== "log" || !Array.isArray(ticks)) return options;
    const [axisOf, gridOf] = key === "x" ? [Plot.axisX, Plot.gridX] : [Plot.axisY, Plot.gridY];
    const drawn = [grid ? gridOf(ticks) : null, axisOf(ticks, { ...axis, text: tickFormat })];
    return { ...options, [key]: { type, domain, axis: null, label: axis.label }, marks: [...drawn, ...options.marks] };
  }

  // The axis of time: whole years, as many as have room.
  function years(rows, width) {
    const [from, to] = d3.extent(rows, (row) => row.at);
    const room = Math.max(2, (width - 70) / 42);
    const step = [1, 2, 5, 10, 20, 50].find((step) => (to - from) / step + 1 <= room) ?? 100;
    const ticks = d3.range(Math.ceil(from / step) * step, to + 1e-9, step);
    return { label: null, domain: [from, to], ticks, tickFormat: (year) => String(year), tickSize: 4 };
  }

  // 1, 2, 5, 10, .. or only 1, 10, .. if there is no room for more.
  function powers([low, high], most) {
    const decades = d3.range(Math.floor(Math.log10(low)), Math.ceil(Math.log10(high)) + 1);
    const within = (factors) => decades.flatMap((decade) => factors.map((factor) => factor * 10 ** decade)).filter((value) => value >= low && value <= high);
    return [[1, 2, 5], [1, 3]].map(within).find((ticks) => ticks.length <= 2 * most) ?? within([1]);
  }

  // An axis of values from 0, or as far below as they go.
  function values(rows, pick, { label, scale = "linear", most = 6 }) {
    const all = rows.flatMap(pick).filter(Number.isFinite);
    if (scale === "log" && all.every((value) => value > 0)) {
      const domain = d3.extent(all);
      return { type: "log", domain, label, grid: true, ticks: powers(domain, most), tickFormat: text.tick, tickSize: 0 };
    }
    const domain = d3.scaleLinear([Math.min(0, d3.min(all)), Math.max(0, d3.max(all))], [0, 1]).nice(most).domain();
    return { type: "linear", domain, label, grid: true, ticks: most, tickFormat: text.tick, tickSize: 0, zero: true };
  }

  // Labels at the end of lines, moved until none covers another: pixels down from the top.
  function apart(labels, { domain, type }, { top, bottom, gap = 13 }) {
    const scale = (type === "log" ? d3.scaleLog : d3.scaleLinear)(domain, [bottom, top]);
    const placed = d3.sort(labels.map((label) => ({ ...label, y: scale(label.value) })), (label) => label.y);
    for (let at = 1; at < placed.length; at++) placed[at].y = Math.max(placed[at].y, placed[at - 1].y + gap);
    let limit = bottom - 3;
    for (let at = placed.length - 1; at >= 0; at--) {
      placed[at].y = Math.min(placed[at].y, limit);
      limit = placed[at].y - gap;
    }
    return placed.map((label) => ({ ...label, at_value: scale.invert(label.y) }));
  }

  // The shades of a fan: nine central bands over each other, so that the middle is darkest.
  const shades = (rows, hue) => SHADES.map(([low, high]) => Plot.areaY(rows, {
    x: "at", y1: (row) => row.quantile(low), y2: (row) => row.quantile(high), fill: hue, fillOpacity: 0.105, className: "shade",
  }));

  // The edges of the bands that have names.
  const edges = (rows, hue) => BANDS.flatMap(({ low, high, share }) => [low, high].map((name) => Plot.lineY(rows, {
    x: "at", y: name, stroke: hue, strokeWidth: 1, strokeOpacity: 0.75, strokeDasharray: { 50: "none", 80: "5 3", 90: "1.5 3" }[share],
  })));

  // One row an interval: a thin line for 90 %, a thick one for 50 %, a dot for the median.
  function intervals(rows, { y, fill }) {
    return [
      Plot.ruleY(rows, { y, x1: "p05", x2: "p95", stroke: fill, strokeWidth: 2, strokeOpacity: 0.55 }),
      Plot.ruleY(rows.filter((row) => Number.isFinite(row.p25)), { y, x1: "p25", x2: "p75", stroke: fill, strokeWidth: 8, strokeOpacity: 0.45 }),
      Plot.dot(rows, { y, x: "p50", fill, r: 4.5, stroke: "var(--paper)", strokeWidth: 1.5 }),
    ];
  }

  // What was observed, a sign for each reporter; a line joins the years that follow each other.
  const SIGNS = [["circle", "\u25cf"], ["square", "\u25a0"], ["triangle", "\u25b2"], ["diamond", "\u25c6"], ["star", "\u2605"], ["times", "\u00d7"]];
  const reporters = (history) => [...new Set(history.map((row) => row.reporter))];
  const sign = (history, reporter) => SIGNS[reporters(history).indexOf(reporter) % SIGNS.length];

  function observed(history, { r = 3.2 } = {}) {
    const runs = d3.groups(history, (row) => row.reporter).flatMap(([, rows]) => rows.map((row, at) => ({ ...row, next: rows[at + 1] })))
      .filter((row) => row.next?.at === row.at + 1);
    return [
      Plot.link(runs, { x1: "at", y1: "value", x2: (row) => row.next.at, y2: (row) => row.next.value, stroke: "var(--ink)", strokeOpacity: 0.45 }),
      Plot.dot(history, { x: "at", y: "value", r, fill: "var(--ink)", stroke: "var(--paper)", strokeWidth: 0.8, symbol: (row) => sign(history, row.reporter)[0], className: "observed" }),
    ];
  }

  // Their part of a legend.
  const observers = (history) => reporters(history).map((reporter) => [sign(history, reporter)[1], reporter ? `observed, as ${reporter} states it` : "observed"]);

  // Reads off one place: a line and a box at the place nearest to the pointer.
  const reader = (rows, { y, title }) => [
    Plot.ruleX(rows, Plot.pointerX({ x: "at", stroke: "currentColor", strokeOpacity: 0.35 })),
    Plot.tip(rows, Plot.pointerX({ x: "at", y, title, fontSize: 12, stroke: "var(--line)", fill: "var(--paper)", textPadding: 9, preferredAnchor: "top-left" })),
  ];

  // A label that is left of its row and not longer than there is room for.
  const leftOf = (labels, width) => Math.min(0.42 * width, Math.max(50, 14 + 6.8 * d3.max(labels, (label) => label.length)));

  return { chart, colour, dash, years, powers, values, apart, shades, edges, intervals, observed, observers, reader, leftOf };
})();
