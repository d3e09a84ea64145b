"""The reference workload in numba: one compiled loop over trials on each core, with a generator and normals written
out and a histogram of equal relative width a series in place of stored values."""

import math

import numba
import numpy as np

import workload as w

# Bins of the logarithm of a value from e^-2 to e^18: each 0.49 % wide, interpolated within.
BINS = 4096
LOWEST, HIGHEST = -2.0, 18.0
BINS_A_UNIT = BINS / (HIGHEST - LOWEST)
UNIT = 1.0 / (1 << 53)
TURN = 2 * math.pi

fast = numba.njit(inline="always", fastmath=True)


@fast
def uniform(words):
    """In (0, 1], by xoroshiro128+ (Blackman and Vigna 2018)."""
    a, b = words[0], words[1]
    sum_ = a + b
    b ^= a
    words[0] = ((a << np.uint64(24)) | (a >> np.uint64(40))) ^ b ^ (b << np.uint64(16))
    words[1] = (b << np.uint64(37)) | (b >> np.uint64(27))
    return ((sum_ >> np.uint64(11)) + 1) * UNIT


@fast
def normals(words):
    radius = math.sqrt(-2 * math.log(uniform(words)))
    angle = TURN * uniform(words)
    return radius * math.cos(angle), radius * math.sin(angle)


@fast
def count(histogram, logarithm):
    at = int((logarithm - LOWEST) * BINS_A_UNIT)
    histogram[min(max(at, 0), BINS - 1)] += 1


@numba.njit(parallel=True, fastmath=True)
def simulate(trials, seeds, histograms, sums, shock, log_base):
    for core in numba.prange(len(seeds)):
        words = seeds[core]
        own_histograms, own_sums = histograms[core], sums[core]
        z = np.empty(w.FLOWS)
        path = np.empty(w.FLOWS)
        for _ in range(core * trials // len(seeds), (core + 1) * trials // len(seeds)):
            first, second = normals(words)
            memorandum = w.EFFECT_MEAN + w.EFFECT_SD * first if uniform(words) <= w.CHANCE else 0.0
            flights = min(w.MEDIAN * math.exp(w.SIGMA * second), w.MOST) / (1 - w.AT_START)
            u = uniform(words)
            start = math.sqrt(u) if u < 0.25 else 2 - math.sqrt(3 * (1 - u))
            rising = math.exp((start + w.MIDPOINT) / w.WIDTH)
            state = w.TENSE
            path[:] = 0.0
            for step in range(w.STEPS):
                u = uniform(words)
                state = int(u > w.FIRST_THRESHOLD[state]) + int(u > w.SECOND_THRESHOLD[state])
                z[0], z[1] = normals(words)
                z[2], z[3] = normals(words)
                growth, volatility = w.GROWTH[state], w.VOLATILITY[state]
                phase = flights * max(1 / (1 + rising * w.FADING[step]) - w.AT_START, 0.0)
                grown_in = memorandum * w.PHASE_IN[step]
                total = 0.0
                for flow in range(w.FLOWS):
                    x = 0.0
                    for source in range(flow + 1):
                        x += shock[flow, source] * z[source]
                    path[flow] += growth + volatility * x
                    logarithm = log_base[flow] + path[flow] + grown_in + w.EXPOSURE[flow] * phase
                    value = math.exp(logarithm)
                    total += value
                    own_sums[step, flow, 0] += value
                    own_sums[step, flow, 1] += value * value
                    count(own_histograms[step, flow], logarithm)
                own_sums[step, w.FLOWS, 0] += total
                own_sums[step, w.FLOWS, 1] += total * total
                count(own_histograms[step, w.FLOWS], math.log(total))


def describe(trials, histograms, sums):
    out = np.empty((w.SERIES, w.STEPS, w.STATISTICS))
    mean, square = np.moveaxis(sums.sum(axis=0) / trials, -1, 0)
    out[:, :, 0] = mean.T
    out[:, :, 1] = np.sqrt(square - mean * mean).T
    counts = histograms.sum(axis=0)
    below = counts.cumsum(axis=-1)
    for step in range(w.STEPS):
        for series in range(w.SERIES):
            for level, q in enumerate(w.LEVELS):
                at = np.searchsorted(below[step, series], q * trials)
                here = counts[step, series, at]
                within = (q * trials - below[step, series, at] + here) / here
                out[series, step, 2 + level] = math.exp(LOWEST + (at + within) / BINS_A_UNIT)
    return out


def run(trials, cores):
    numba.set_num_threads(cores)
    seeds = np.random.SeedSequence(1).generate_state(2 * cores, np.uint64).reshape(cores, 2)
    histograms = np.zeros((cores, w.STEPS, w.SERIES, BINS), np.uint32)
    sums = np.zeros((cores, w.STEPS, w.SERIES, 2))
    simulate(trials, seeds, histograms, sums, w.SHOCK, np.log(w.BASE))
    return describe(trials, histograms, sums)


def prepare(trials, cores):
    run(1000, cores)
    return lambda: run(trials, cores)


if __name__ == "__main__":
    w.main(prepare)
