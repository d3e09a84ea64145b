"""The reference workload in numpy: all trials of a chunk side by side, step by step, in double precision with the
fastest of numpy's generators; quantiles by `np.quantile`.

On one core all trials are one chunk and only the current step's values are kept. On several, threads take chunks
(numpy lets go of the interpreter's lock in its loops), all values are kept, and threads take steps for the quantiles.
"""

from concurrent.futures import ThreadPoolExecutor

import numpy as np

import workload as w

CHUNK = 1 << 14


class Wanted:
    """Which series and quantiles: those that all peers find, or those of the tables."""

    def __init__(self, tables):
        self.tables = tables
        self.series = w.SERIES_OF_TABLES if tables else w.SERIES
        self.levels = w.LEVELS_OF_TABLES if tables else w.LEVELS

    def add_sums(self, values):
        """Fills the rows behind those of the flows."""
        if not self.tables:
            np.sum(values[: w.FLOWS], axis=0, out=values[w.FLOWS])
            return
        textiles, pharma, energy, agri, exports, imports, total, balance = values
        np.add(textiles, pharma, out=exports)
        np.add(energy, agri, out=imports)
        np.add(exports, imports, out=total)
        np.subtract(exports, imports, out=balance)

    def describe(self, values):
        out = np.empty((self.series, 2 + len(self.levels)))
        out[:, 0] = values.mean(axis=1)
        out[:, 1] = values.std(axis=1)
        for series in range(self.series):
            out[series, 2:] = np.quantile(values[series], self.levels)
        return out

    def empty(self):
        return np.empty((self.series, w.STEPS, 2 + len(self.levels)))


def simulate(generator, trials, wanted, emit):
    """Shows `emit` the values of flows and sums, [series][trials], after each step."""
    memorandum = (generator.random(trials) < w.CHANCE) * generator.normal(w.EFFECT_MEAN, w.EFFECT_SD, trials)
    start = generator.triangular(*w.START, trials)
    flights = np.minimum(w.MEDIAN * np.exp(w.SIGMA * generator.standard_normal(trials)), w.MOST)
    flights /= 1 - w.AT_START
    rising = np.exp((start + w.MIDPOINT) / w.WIDTH)
    state = np.full(trials, w.TENSE, np.int8)
    path = np.zeros((w.FLOWS, trials))
    values = np.empty((wanted.series, trials))
    for step in range(w.STEPS):
        uniform = generator.random(trials)
        state = (uniform >= w.FIRST_THRESHOLD[state]).astype(np.int8) + (uniform >= w.SECOND_THRESHOLD[state])
        shocks = w.SHOCK @ generator.standard_normal((w.FLOWS, trials))
        shocks *= w.VOLATILITY[state]
        shocks += w.GROWTH[state]
        path += shocks
        phase = 1 / (1 + rising * w.FADING[step])
        phase -= w.AT_START
        np.maximum(phase, 0, out=phase)
        phase *= flights
        logs = values[: w.FLOWS]
        np.multiply(w.EXPOSURE[:, None], phase, out=logs)
        logs += memorandum * w.PHASE_IN[step]
        logs += path
        np.exp(logs, out=logs)
        logs *= w.BASE[:, None]
        wanted.add_sums(values)
        emit(step, values)


def generator(seed):
    return np.random.Generator(np.random.SFC64(seed))


def one_core(trials, wanted):
    out = wanted.empty()

    def emit(step, values):
        out[:, step] = wanted.describe(values)

    simulate(generator(1), trials, wanted, emit)
    return out


def several_cores(trials, cores, wanted):
    out = wanted.empty()
    kept = np.empty((w.STEPS, wanted.series, trials))
    starts = range(0, trials, CHUNK)
    seeds = np.random.SeedSequence(1).spawn(len(starts))

    def chunk(number):
        first = starts[number]
        end = min(first + CHUNK, trials)

        def emit(step, values):
            kept[step, :, first:end] = values

        simulate(generator(seeds[number]), end - first, wanted, emit)

    def quantiles(step):
        out[:, step] = wanted.describe(kept[step])

    with ThreadPoolExecutor(cores) as threads:
        list(threads.map(chunk, range(len(starts))))
        list(threads.map(quantiles, range(w.STEPS)))
    return out


def prepare(trials, cores, tables=False):
    wanted = Wanted(tables)
    one_core(1000, wanted)
    return (lambda: one_core(trials, wanted)) if cores == 1 else (lambda: several_cores(trials, cores, wanted))


if __name__ == "__main__":
    w.main(prepare)
