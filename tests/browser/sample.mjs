// Files that `backtest` writes, in their layout and with made-up figures, so that the page can be tested without the
// minutes that it takes.
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const lines = (columns, rows) => [columns, ...rows.map((row) => columns.split(",").map((name) => row[name] ?? "").join(","))].join("\n") + "\n";

const upTo = (n) => Array.from({ length: n }, (_, at) => at);

const BACKTEST = "model,horizon,size_class,series,n,crps,crps_se,difference,difference_se,cover50,cover80,cover90,log_score";
const PIT = "model,horizon,bin_low,bin_high,share,n";

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
if (process.argv[1] === fileURLToPath(import.meta.url)) backtested(process.argv[2]);
