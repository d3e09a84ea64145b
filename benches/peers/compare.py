#!/usr/bin/env python3
"""Times tradewinds and its peers side by side on the reference workload.

    benches/peers/compare.py                    the table: 1 million trials, 5 rounds, on 1 core and on 2
    benches/peers/compare.py --trials 50000 --rounds 1    whether all of it works
    benches/peers/compare.py --peers numpy --rounds 12    that one alone, more often

Whole processes are timed, from their start to their end, in turn within each round, so that what else the machine does
strikes all of them. numpy makes the statistics that tradewinds writes by itself, 25 of 8 measures, and as all peers 7 of
5 measures; tradewinds is timed with those 5 alone too, always with all its files. Their figures are compared: a peer that
computes something else fails the run. The peers' packages go to a virtual environment, target/peers.
"""

import argparse
import csv
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
SCENARIO = ROOT / "benches" / "reference.toml"
PROGRAM = ROOT / "target" / "release" / "tradewinds"
PYTHON = ROOT / "target" / "peers" / "bin" / "python"

FLOWS = ["exports.textiles", "exports.pharma", "imports.energy", "imports.agri"]
FIVE = [*FLOWS, "total"]
ALL = [*FLOWS, "exports", "imports", "total", "balance"]
SEVEN = ["mean", "sd", 0.05, 0.25, 0.5, 0.75, 0.95]
TABLES = ["mean", "sd", 0.01, 0.025, *(k / 20 for k in range(1, 20)), 0.975, 0.99]


@dataclass(frozen=True)
class Contestant:
    """A program, and what it finds: which statistics of which series."""

    name: str
    series: list
    statistics: list
    # Of a peer.
    script: str = ""
    options: tuple = ()

    @property
    def package(self):
        """Of a peer: what it is made with."""
        return self.name.split(",")[0].lower()

    def command(self, trials, cores, folder):
        if self.script:
            return [PYTHON, HERE / self.script, "--trials", trials, "--cores", cores, "--out", folder / "out.json",
                    *self.options]
        return [PROGRAM, "run", SCENARIO, "--trials", trials, "--threads", cores, "--quiet", "--out", folder,
                *self.options]


OURS = Contestant("tradewinds", ALL, TABLES)
OURS_OF_FIVE = Contestant("tradewinds, 5 measures", FIVE, TABLES,
                          options=tuple(word for flow in FLOWS for word in ("--measure", flow)))
PEERS = [
    Contestant("numpy, all tables", ALL, TABLES, "numpy_peer.py", ("--tables",)),
    Contestant("numpy", FIVE, SEVEN, "numpy_peer.py"),
    Contestant("numba", FIVE, SEVEN, "numba_peer.py"),
    Contestant("JAX", FIVE, SEVEN, "jax_peer.py"),
]
NUMPY_TABLES, NUMPY = PEERS[:2]

# Figures are 1,400 to 8,000 of a peer: one in two hundred peers that compute the same is beyond this many standard errors.
MOST_ERRORS = 5.0
# Numba's histogram interpolates in bins of 0.5 %, ours are 0.1 % wide, JAX sums in single precision.
SLACK = 0.001


def environment():
    """Ours without the choice of a kernel for old processors, which slows numpy down."""
    return {name: value for name, value in os.environ.items() if not name.startswith("OPENBLAS_")}


def prepare():
    requirements = HERE / "requirements.txt"
    stamp = PYTHON.parent.parent / "requirements.txt"
    if not stamp.exists() or stamp.read_text() != requirements.read_text():
        subprocess.run([sys.executable, "-m", "venv", "--clear", PYTHON.parent.parent], check=True)
        subprocess.run([PYTHON, "-m", "pip", "install", "--quiet", "-r", requirements], check=True)
        stamp.write_text(requirements.read_text())
    subprocess.run(["cargo", "build", "--release", "--locked", "--quiet"], cwd=ROOT, check=True)


def timed(contestant, trials, cores, folder):
    """Wall-clock seconds, peak of memory in bytes, and the figures of one process on so many cores."""
    environment_ = environment() | {"NUMBA_NUM_THREADS": str(cores)}
    arguments = ["taskset", "-c", ",".join(map(str, range(cores))), *contestant.command(trials, cores, folder)]
    started = time.perf_counter()
    with open(folder / "stderr", "w") as stderr:
        process = subprocess.Popen([str(argument) for argument in arguments], env=environment_, stderr=stderr)
        _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{(folder / 'stderr').read_text()}\nerror: {contestant.name} ended with status {process.returncode}")
    work, figures = peer_figures(contestant, folder) if contestant.script else (None, our_figures(folder))
    return {"seconds": seconds, "work": work or seconds, "memory": usage.ru_maxrss * 1024, "figures": figures}


def peer_figures(contestant, folder):
    answer = json.loads((folder / "out.json").read_text())
    figures = {}
    for series, steps in zip(contestant.series, answer["statistics"], strict=True):
        for step, values in enumerate(steps):
            for statistic, value in zip(contestant.statistics, values, strict=True):
                figures[series, step, statistic] = value
    return answer["work_seconds"], figures


def our_figures(folder):
    """With standard errors. Periods are numbered in the order in which they stand, the base year left out."""
    path = next(folder.glob("*/*/quantiles.csv"))
    figures, steps = {}, {}
    with open(path, newline="") as file:
        for row in csv.DictReader(file):
            statistic = float(row["level"]) if row["statistic"] == "quantile" else row["statistic"]
            step = steps.setdefault(row["period"], len(steps))
            figures[row["measure"], step, statistic] = (float(row["value"]), float(row["standard_error"]))
    return figures


def disagreement(ours, theirs):
    """The largest distance of a peer's figures from ours in standard errors of their difference, and where."""
    worst = (0.0, None)
    for place, theirs_ in theirs.items():
        if place not in ours:
            sys.exit(f"error: a peer has {place}, and tradewinds has not")
        value, error = ours[place]
        beyond = max(abs(theirs_ - value) - SLACK * abs(value), 0)
        worst = max(worst, (beyond / (error * 2**0.5), place), key=lambda pair: pair[0])
    return worst


def table(runs, contestants, cores_of):
    """Ratios are taken round by round: both of a pair met the same neighbours."""

    def times(slow, slow_cores, fast, fast_cores):
        pairs = zip(runs.get((slow.name, slow_cores), []), runs.get((fast.name, fast_cores), []))
        ratios = [slow["seconds"] / fast["seconds"] for slow, fast in pairs]
        return f"{statistics.median(ratios):.2f}" if ratios else ""

    print("| | measures x statistics | cores | seconds | fastest, slowest | work alone | numpy on 1 core takes times as long "
          "| the same with 5 x 7 | it takes times as long as tradewinds | as tradewinds with 5 measures | peak MB |")
    print("|---|---|---|---|---|---|---|---|---|---|---|")
    for cores in cores_of:
        for one in contestants:
            laps = runs[one.name, cores]
            seconds = [lap["seconds"] for lap in laps]
            alike = NUMPY_TABLES if one.series == ALL else NUMPY
            print(f"| {one.name} | {len(one.series)} x {len(one.statistics)} | {cores} | {statistics.median(seconds):.3f} "
                  f"| {min(seconds):.3f}, {max(seconds):.3f} | {statistics.median(lap['work'] for lap in laps):.3f} "
                  f"| {times(alike, 1, one, cores)} | {times(NUMPY, 1, one, cores)} "
                  f"| {times(one, cores, OURS, cores)} | {times(one, cores, OURS_OF_FIVE, cores)} "
                  f"| {max(lap['memory'] for lap in laps) / 1e6:.0f} |")


def machine():
    names = [line.split(":", 1)[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
             if line.startswith("model name")]
    return f"{names[0] if names else platform.processor()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--cores", type=int, nargs="+", default=[1, 2])
    names = [peer.package for peer in PEERS]
    parser.add_argument("--peers", nargs="+", choices=dict.fromkeys(names), default=names)
    args = parser.parse_args()
    contestants = [OURS, OURS_OF_FIVE, *(peer for peer in PEERS if peer.package in args.peers)]
    prepare()
    before = machine()
    runs, worst, ours = {}, {}, {}
    for round_ in range(args.rounds):
        for cores in args.cores:
            for one in contestants:
                with tempfile.TemporaryDirectory() as folder:
                    lap = timed(one, args.trials, cores, Path(folder))
                # They are not kept: the peak of a process counts what this one held when it started it.
                figures = lap.pop("figures")
                ours = figures if one is OURS else ours
                runs.setdefault((one.name, cores), []).append(lap)
                print(f"round {round_ + 1} of {args.rounds}: {one.name} on {cores}: {lap['seconds']:.3f} s", file=sys.stderr)
                if one.script:
                    found = disagreement(ours, figures)
                    worst[one.name] = max(worst.get(one.name, (0.0, None)), found, key=lambda pair: pair[0])
    packages = ", ".join(line for line in (HERE / "requirements.txt").read_text().split("\n") if "==" in line)
    commit = subprocess.run(["git", "-C", ROOT, "describe", "--always", "--dirty"], capture_output=True, text=True)
    print(f"\n{args.trials:,} trials, medians of {args.rounds} rounds in turn, whole processes; {before} before, "
          f"{os.getloadavg()[0]:.1f} after; commit {commit.stdout.strip()}; Python {platform.python_version()}, {packages}\n")
    table(runs, contestants, args.cores)
    print()
    for peer, (errors, place) in worst.items():
        print(f"Largest difference of {peer} from tradewinds: {errors:.1f} standard errors"
              + (f" ({' '.join(map(str, place))})" if place else " beyond the slack of its method"))
    if any(errors > MOST_ERRORS for errors, _ in worst.values()):
        sys.exit("error: a peer computes something else")


if __name__ == "__main__":
    main()
