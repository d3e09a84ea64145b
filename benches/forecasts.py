"""Forecasts of AutoETS, AutoTheta and AutoARIMA for `tradewinds backtest --benchmark`.

    pip install statsforecast==2.1.1
    tradewinds history PANEL.csv --csv > tidy.csv
    python benches/forecasts.py tidy.csv ets theta > rivals.csv
    tradewinds backtest PANEL.csv --benchmark rivals.csv

Each model is fitted anew at every origin, to the logarithms of the stretch up to then: every gap-free positive stretch
of at least 14 years, at every year with at least 12 observations behind it. The standard deviation is that of the
model's own 90 % interval. Where a model fails or its interval has no width, there is no forecast; the row of the
backtest says how many there are. `arima` takes about a hundred times as long as `ets`; a number as last argument, such
as 10, takes every tenth pair of countries only.
"""

import csv
import itertools
import math
import multiprocessing
import sys
import warnings

import numpy as np
from statsforecast.models import AutoARIMA, AutoETS, AutoTheta

MODELS = {"ets": AutoETS, "theta": AutoTheta, "arima": AutoARIMA}
NAMES = {"ets": "auto-ets", "theta": "auto-theta", "arima": "auto-arima"}
HORIZONS = (1, 3, 5, 10)
LEAST_YEARS, LEAST_KNOWN = 14, 12
Z90 = 1.6448536269514722


def stretches(rows):
    """(from, to, product, reporter), first year and logarithms of each stretch that is scored."""
    key = lambda row: (row["from"], row["to"], row["product"], row["reporter"])
    for flow, of_flow in itertools.groupby(rows, key):
        first, logs = None, []
        for row in of_flow:
            year, value = int(row["year"]), float(row["value"])
            if logs and (year != first + len(logs) or value <= 0):
                yield flow, first, logs
                first, logs = None, []
            if value > 0:
                first = year if not logs else first
                logs.append(math.log(value))
        yield flow, first, logs


def forecasts(task):
    """The lines of one stretch."""
    names, flow, first, logs = task
    warnings.simplefilter("ignore")
    lines = []
    for name, known in itertools.product(names, range(LEAST_KNOWN, len(logs))):
        try:
            ahead = MODELS[name](season_length=1).forecast(y=np.array(logs[:known]), h=max(HORIZONS), level=[90])
            mean, low, high = (np.asarray(ahead[part], dtype=float).ravel() for part in ("mean", "lo-90", "hi-90"))
        except Exception:
            continue
        for horizon in HORIZONS:
            at = horizon - 1
            sd = (high[at] - low[at]) / (2 * Z90)
            if known - 1 + horizon < len(logs) and math.isfinite(mean[at]) and math.isfinite(sd) and sd > 0:
                lines.append([NAMES[name], *flow, first + known - 1, horizon, f"{mean[at]:.6f}", f"{sd:.6f}"])
    return lines


def main():
    arguments = sys.argv[1:]
    every = int(arguments.pop()) if arguments[-1].isdigit() else 1
    with open(arguments[0], newline="") as file:
        found = [it for it in stretches(csv.DictReader(file)) if len(it[2]) >= LEAST_YEARS and it[0][0] != it[0][1]]
    pairs = {pair: at for at, pair in enumerate(sorted({tuple(sorted(flow[:2])) for flow, _, _ in found}))}
    tasks = [(arguments[1:], *it) for it in found if pairs[tuple(sorted(it[0][:2]))] % every == 0]
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow("model,from,to,product,reporter,origin,horizon,mean,sd".split(","))
    with multiprocessing.Pool() as pool:
        for done, lines in enumerate(pool.imap(forecasts, tasks), 1):
            out.writerows(lines)
            print(f"\r{done} of {len(tasks)} stretches", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
