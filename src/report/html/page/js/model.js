// What the page knows: the family's files, read when they are first asked for.
"use strict";

tradewinds.model = (() => {
  const { csv } = tradewinds;
  const n = csv.number;

  // The levels whose shades make a fan, from the outside in: 5 to 95 %, 10 to 90 %, .. 45 to 55 %.
  const SHADES = d3.range(1, 10).map((step) => [step * 0.05, 1 - step * 0.05]);
  // The bands that have names.
  const BANDS = [
    { share: 50, low: "p25", high: "p75" },
    { share: 80, low: "p10", high: "p90" },
    { share: 90, low: "p05", high: "p95" },
  ];
  const PUBLISHED = [
    ["p01", 0.01], ["p05", 0.05], ["p10", 0.1], ["p25", 0.25], ["p50", 0.5], ["p75", 0.75], ["p90", 0.9], ["p95", 0.95],
    ["p99", 0.99],
  ];

  async function unpacked(element) {
    const bytes = Uint8Array.from(atob(element.textContent.trim()), (letter) => letter.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return JSON.parse(await new Response(stream).text());
  }

  function once(make) {
    const made = new Map();
    return (key) => {
      if (!made.has(key)) made.set(key, make(key));
      return made.get(key);
    };
  }

  const day = (text) => Date.parse(`${text}T00:00:00Z`);

  // Where a period stands on the axis: a year at its number, a step at its middle in decimal years.
  function place(row) {
    const [start, end] = [day(row.period_start), day(row.period_end) + 86400000];
    if (row.period === row.year) return { at: Number(row.year), yearly: true };
    const [first, next] = [Date.UTC(row.year, 0, 1), Date.UTC(Number(row.year) + 1, 0, 1)];
    return { at: Number(row.year) + ((start + end) / 2 - first) / (next - first), yearly: false };
  }

  function scenario({ folder, files }) {
    const table = once((name) => (files[name] === undefined ? null : csv.parse(files[name])));
    const run = JSON.parse(files["run.json"]);
    const projection = table("projection.csv");
    const byMeasure = d3.group(projection, (row) => row.measure);
    const measures = [...byMeasure].map(([id, rows]) => measure(id, rows));
    const periods = measures[0].rows.filter((row) => row.status === "projected").map((row) => row.period);
    const quantiles = once((id) => table("quantiles.csv").filter((row) => row.measure === id));
    const places = new Map(measures[0].rows.map((row) => [row.period, row.at]));
    return {
      id: run.conditioning ? `${projection[0].scenario}, conditioned` : projection[0].scenario,
      title: run.title || projection[0].scenario,
      folder,
      files,
      run,
      measures,
      periods,
      base: measures[0].rows.find((row) => row.status === "base"),
      yearly: measures[0].rows.every((row) => row.yearly || row.status === "base"),
      table,
      at: (period) => places.get(period),
      measure: (id) => measures.find((it) => it.id === id),
      fan: once((id) => fan(measures.find((it) => it.id === id), quantiles(id))),
      quantiles,
      history: once((id) => history(measures.find((it) => it.id === id), table("history.csv") ?? [])),
    };
  }

  // What was observed of a measure. Annual totals stand beside annual values and beside rates a year, not beside the
  // amounts of quarters; and no further back than the projection goes forward, or ten years.
  function history(measure, observed) {
    const base = measure.rows.find((row) => row.status === "base");
    const isAnnual = measure.rows.every((row) => row.yearly) || / a year$/.test(measure.unit);
    if (!base || !isAnnual) return [];
    const since = base.at - Math.max(10, d3.max(measure.rows, (row) => row.at) - base.at);
    return observed.filter((row) => row.measure === measure.id && Number(row.period) >= since)
      .map((row) => ({ at: Number(row.period), reporter: row.reporter, value: n(row.observed), text: row }))
      .filter((row) => Number.isFinite(row.value));
  }

  // A measure: its labels, and its rows of `projection.csv` with numbers.
  function measure(id, rows) {
    const [first] = rows;
    const route = first.from && first.to ? `${first.from} to ${first.to}` : "";
    const title = first.title || [first.product, route].filter(Boolean).join(", ");
    const numbers = rows.map((row) => {
      const { at, yearly } = place(row);
      const values = Object.fromEntries(["mean", "sd", ...PUBLISHED.map(([name]) => name)].map((name) => [name, n(row[name])]));
      return { ...values, period: row.period, year: row.year, status: row.status, at, yearly, text: row };
    });
    const unit = rows.find((row) => row.status === "projected")?.unit ?? first.unit;
    return { id, title, route, unit, prices: first.prices, label: title ? `${id} (${title})` : id, rows: numbers };
  }

  // Values by period and level: those of `quantiles.csv`, and before them the base year, of which only the
  // percentiles of `projection.csv` are known. Shades between these are drawn straight there.
  function fan(measure, quantiles) {
    const byPeriod = d3.group(quantiles.filter((row) => row.statistic === "quantile"), (row) => row.period);
    return measure.rows.map((row) => {
      const known = row.status === "base"
        ? PUBLISHED.map(([name, level]) => [level, row[name]])
        : (byPeriod.get(row.period) ?? []).map((it) => [n(it.level), n(it.value)]);
      const between = d3.scaleLinear(known.map(([level]) => level), known.map(([, value]) => value));
      const values = new Map(known.map(([level, value]) => [level.toFixed(3), value]));
      return { ...row, quantile: (level) => values.get(level.toFixed(3)) ?? between(level) };
    });
  }

  // The base comes first: the one that the others extend.
  function ordered(scenarios, base) {
    const isBase = (it) => it.id === base;
    return d3.sort(scenarios, (it) => (isBase(it) ? 0 : 1));
  }

  // The base of `comparison.csv`; else the scenario whose file most others came from.
  function baseOf(scenarios, comparison) {
    if (comparison?.length) return comparison[0].base;
    const own = (it) => it.run.sources?.[0]?.file;
    const extended = (it) => scenarios.filter((other) => other.run.sources?.slice(1).some((s) => s.file === own(it))).length;
    return d3.greatest(scenarios, extended)?.id;
  }

  async function load(element) {
    const { family, scenarios, files } = await unpacked(element);
    const shared = once((name) => {
      const path = Object.keys(files).find((it) => it === name || it.endsWith(`/${name}`));
      return path === undefined ? null : { path, text: files[path], rows: csv.parse(files[path]) };
    });
    const read = scenarios.map(scenario);
    const base = baseOf(read, shared("comparison.csv")?.rows);
    return { family, base, scenarios: ordered(read, base), shared };
  }

  return { load, SHADES, BANDS, PUBLISHED };
})();
