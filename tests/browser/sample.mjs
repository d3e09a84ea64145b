// Files that `explain` and `backtest` write, in their layout and with made-up figures, so that the page can be
// tested without the minutes that those take.
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const lines = (columns, rows) => [columns, ...rows.map((row) => columns.split(",").map((name) => row[name] ?? "").join(","))].join("\n") + "\n";

const upTo = (n) => Array.from({ length: n }, (_, at) => at);

const ATTRIBUTION = "scenario,measure,period,part,kind,unit,mean,mean_se,p05,p50,p95,log_points,log_points_se,mean_if_happens,mean_if_happens_se,log_points_if_happens,probability_happens,title";
const SENSITIVITY = "scenario,measure,period,input,kind,unit,input_p10,input_p90,median_at_p10,median_at_p90,swing,swing_se,first_order,first_order_se,total,total_se";
const VARIANCE = "scenario,measure,period,unit,variance,epistemic_share,epistemic_se,events_share,events_se,noise_share,noise_se,interaction_share";
const BACKTEST = "model,horizon,size_class,series,n,crps,crps_se,difference,difference_se,cover50,cover80,cover90,log_score";
const PIT = "model,horizon,bin_low,bin_high,share,n";

export const PARTS = [
  ["base", "base", 163.7], ["trend", "trend", 48.2], ["direct-flights", "driver", 3.7], ["mou-2018", "driver", 1.4],
  ["stability", "driver", -18.3], ["key-buyer-of-exports-lost", "driver", -41.5], ["energy-cargoes", "driver", 11.1],
  ["treaty", "driver", 6.2], ["nothing", "driver", 0], ["noise", "noise", 62.9],
];

function attribution(scenario, measure, period) {
  const change = PARTS.filter(([, kind]) => kind !== "base").reduce((sum, [, , mean]) => sum + mean, 0);
  return [...PARTS, ["change", "change", change]].map(([part, kind, mean]) => ({
    scenario, measure, period, part, kind, unit: "USD million", mean, mean_se: 0.02, p05: mean - 20, p50: mean * 0.8, p95: mean + 30,
    log_points: mean / 200, log_points_se: 0.0001, ...(kind === "driver" && part !== "stability" ? { mean_if_happens: mean * 1.5, mean_if_happens_se: 0.03, log_points_if_happens: mean / 130, probability_happens: 0.66 } : {}),
  }));
}

export const INPUTS = [
  ["parameters.total_2022", 144, 185, 196, 254], ["parameters.drift", 0.011, 0.069, 187, 265], ["parameters.exports_start", -0.14, 0.75, 178, 290],
  ["noise.permanent.gap", -0.52, 1.52, 217, 231], ["driver.stability.level.disrupted", -0.45, -0.09, 214, 236], ["driver.direct-flights.effect", 0, 0.098, 223, 228],
];

function sensitivity(scenario, measure, period) {
  const inputs = INPUTS.map(([input, input_p10, input_p90, low, high], at) => ({
    scenario, measure, period, input, kind: "input", unit: "USD million", input_p10, input_p90, median_at_p10: low, median_at_p90: high, swing: high - low, swing_se: 1.1,
    first_order: 0.07 / (at + 1), first_order_se: 0.004, total: 0.09 / (at + 1), total_se: 0.006,
  }));
  const group = (kind, first_order, total) => ({ scenario, measure, period, input: kind, kind, unit: "USD million", first_order, first_order_se: 0.01, total, total_se: 0.012 });
  return [...inputs, group("events", 0.21, 0.29), group("noise", 0.44, 0.55)];
}

const variance = (scenario, measure, periods) => periods.map((period, at) => ({
  scenario, measure, period, unit: "USD million", variance: 4000 * (at + 1), epistemic_share: 0.2 + 0.01 * at, epistemic_se: 0.005, events_share: 0.25, events_se: 0.005, noise_share: 0.5 - 0.02 * at, noise_se: 0.005, interaction_share: 0.05 + 0.01 * at,
}));

// What `explain` leaves in a scenario's folder.
export function explained(folder, scenario, measures, periods) {
  const each = (make) => measures.flatMap((measure) => periods.flatMap((period) => make(scenario, measure, period)));
  fs.writeFileSync(path.join(folder, "attribution.csv"), lines(ATTRIBUTION, each(attribution)));
  fs.writeFileSync(path.join(folder, "sensitivity.csv"), lines(SENSITIVITY, each(sensitivity)));
  fs.writeFileSync(path.join(folder, "variance.csv"), lines(VARIANCE, measures.flatMap((measure) => variance(scenario, measure, periods))));
}

// What `backtest` leaves in a family's folder.
export function backtested(folder) {
  const models = [["tradewinds", 0], ["no change", 0.02], ["drift", 0.015], ["ets", 0.01]];
  const scores = models.flatMap(([model, worse]) => [1, 3, 5, 10].map((horizon, at) => ({
    model, horizon, size_class: "all", series: 430, n: 6000, crps: [0.243, 0.346, 0.421, 0.565][at] + worse * (at + 1), crps_se: 0.006, difference: worse, difference_se: 0.001, cover50: 0.5 + 0.01 * at, cover80: 0.79, cover90: 0.89 + 0.005 * at, log_score: -0.4,
  })));
  const pit = [1, 3, 5, 10].flatMap((horizon) => upTo(10).map((bin) => ({ model: "tradewinds", horizon, bin_low: bin / 10, bin_high: (bin + 1) / 10, share: 0.1 + 0.008 * Math.cos(bin), n: 6000 })));
  fs.writeFileSync(path.join(folder, "backtest.csv"), lines(BACKTEST, scores));
  fs.writeFileSync(path.join(folder, "pit.csv"), lines(PIT, pit));
}


// As a program: node sample.mjs FOLDER, where a family's results lie.
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const family = process.argv[2];
  const periods = upTo(10).map((year) => String(2023 + year));
  for (const scenario of ["baseline", "no-flights"]) explained(path.join(family, scenario), scenario, ["total", "exports"], periods);
  backtested(family);
}
