#!/usr/bin/env python3
"""What Sobol sampling is worth: the variance of the total in the last period over seeds, random against Sobol.

    cargo build --release && benches/sobol_gain.py [SCENARIO] [--trials 65536] [--seeds 40]

A ratio of 4 is an error half as large, or a quarter of the trials. Both run the same number of trials. With S seeds a
ratio is known to about sqrt(4/S): 40 seeds, one third. The error that Sobol runs claim is set beside their scatter.
"""

import argparse
import csv
import statistics
import subprocess
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = ROOT / "target" / "release" / "tradewinds"
SHOWN = ["mean", "0.5", "0.05", "0.95"]


def estimates(scenario, sampling, trials, seed):
    """Value and standard error of each statistic of the total in the last period."""
    with tempfile.TemporaryDirectory() as out:
        command = [PROGRAM, "run", scenario, "--quiet", "--trials", trials, "--seed", seed, "--sampling", sampling, "--out", out]
        subprocess.run([str(word) for word in command], check=True, stderr=subprocess.DEVNULL)
        with open(next(Path(out).glob("*/*/quantiles.csv")), newline="") as file:
            rows = [row for row in csv.DictReader(file) if row["measure"] == "total"]
    last = rows[-1]["period"]
    rows = {row["level"] or row["statistic"]: row for row in rows if row["period"] == last}
    return {name: (float(rows[name]["value"]), float(rows[name]["standard_error"])) for name in SHOWN}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scenario", nargs="?", default=ROOT / "benches" / "reference.toml")
    parser.add_argument("--trials", type=int, default=65536)
    parser.add_argument("--seeds", type=int, default=40)
    args = parser.parse_args()
    runs = {sampling: [estimates(args.scenario, sampling, args.trials, seed) for seed in range(1, args.seeds + 1)]
            for sampling in ["random", "sobol"]}
    print(f"| total, last period, {args.trials:,} trials, {args.seeds} seeds | variance random / Sobol | claimed / scatter, Sobol |")
    print("|---|---|---|")
    for name in SHOWN:
        scatter = {how: statistics.variance(run[name][0] for run in runs[how]) for how in runs}
        claimed = statistics.mean(run[name][1] ** 2 for run in runs["sobol"])
        print(f"| {name} | {scatter['random'] / scatter['sobol']:.1f} | {claimed / scatter['sobol']:.2f} |")


if __name__ == "__main__":
    main()
