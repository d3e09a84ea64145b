"""The reference workload (`../reference.toml`) as constants, and what each peer shares: its arguments and its answer.

A peer simulates four correlated flows, three drivers and forty quarterly steps, and finds for the four flows and their
total at each step the mean, the standard deviation and five quantiles. Asked for the tables, it finds what
`tradewinds run` writes: the same and 18 more quantiles of the flows, exports, imports, total and balance.
"""

import argparse
import json
import math
import time

import numpy as np

STEPS = 40
DT = 0.25
FLOWS = 4
SERIES = FLOWS + 1
LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)
STATISTICS = 2 + len(LEVELS)
# Of the tables.
SERIES_OF_TABLES = FLOWS + 4
LEVELS_OF_TABLES = (0.01, 0.025, *(k / 20 for k in range(1, 20)), 0.975, 0.99)

# Of flows: exports.textiles, exports.pharma, imports.energy, imports.agri.
BASE = np.array([1600.0, 480.0, 3600.0, 1040.0])
TREND = 0.04
# Lower factor of the correlation (0.3 everywhere), times the sds of one step.
SHOCK = np.linalg.cholesky(np.full((4, 4), 0.3) + 0.7 * np.eye(4)) * (
    np.array([0.16, 0.20, 0.30, 0.24]) * math.sqrt(DT)
).reshape(-1, 1)

# The memorandum: happens or not, grows in over four years from the start.
CHANCE = 0.6
EFFECT_MEAN, EFFECT_SD = 0.25, 0.10
PHASE_IN = np.minimum(np.arange(1, STEPS + 1) * DT / 4, 1.0)

# The flights: a start in years after the base year, a lognormal effect, a logistic phase-in.
START = (0.0, 0.5, 2.0)
MEDIAN, SIGMA, MOST = 0.12, 0.5, 2.0
MIDPOINT, WIDTH = 1.0, 0.3125
AT_START = 1 / (1 + math.exp(MIDPOINT / WIDTH))
EXPOSURE = np.array([1.0, 0.8, 0.2, 0.3])
# g(t - start) = 1 / (1 + exp((start + midpoint) / width) exp(-t / width)): no exponential a trial and step.
FADING = np.exp(-np.arange(1, STEPS + 1) * DT / WIDTH)

# The regime: calm, tense, conflict; two thresholds for a uniform a row, growth a step, and a factor on the shocks.
TRANSITION = np.array([[0.95, 0.045, 0.005], [0.15, 0.80, 0.05], [0.05, 0.25, 0.70]])
FIRST_THRESHOLD = TRANSITION[:, 0].copy()
SECOND_THRESHOLD = TRANSITION[:, 0] + TRANSITION[:, 1]
GROWTH = (np.array([0.04, 0.0, -0.20]) + TREND) * DT
VOLATILITY = np.array([1.0, 1.3, 2.0])
TENSE = 1


def main(prepare):
    """Runs `prepare(trials, cores)`, which gives a function that does the whole work and returns the statistics
    [SERIES][STEPS][STATISTICS]; times that function alone and writes its answer. `prepare` is told by `tables=True` that the
    tables are asked for."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--trials", type=int, required=True)
    parser.add_argument("--cores", type=int, required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--tables", action="store_true", help="all that tradewinds writes (numpy alone)")
    args = parser.parse_args()
    work = prepare(args.trials, args.cores, **({"tables": True} if args.tables else {}))
    started = time.perf_counter()
    statistics = np.asarray(work())
    seconds = time.perf_counter() - started
    with open(args.out, "w") as out:
        json.dump({"work_seconds": seconds, "statistics": statistics.tolist()}, out)
