#!/usr/bin/env python3
"""Times tradewinds and its peers side by side on the reference workload.

    benches/peers/compare.py                    the table: 1 million trials, 5 rounds, on 1 core and on 2
    benches/peers/compare.py --trials 50000 --rounds 1    whether all of it works

Whole processes are timed, from their start to their end, in turn within each round, so that what else the machine does
strikes all of them. Their figures are compared: a peer that computes something else fails the run. The peers' packages
go to a virtual environment, target/peers.
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
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
SCENARIO = ROOT / "benches" / "reference.toml"
PROGRAM = ROOT / "target" / "release" / "tradewinds"
PYTHON = ROOT / "target" / "peers" / "bin" / "python"
OURS = "tradewinds"
PEERS = {"numpy": "numpy_peer.py", "numba": "numba_peer.py", "jax": "jax_peer.py"}

FLOW_STEPS = 160
SERIES = ["exports.textiles", "exports.pharma", "imports.energy", "imports.agri", "total"]
STATISTICS = ["mean", "sd", 0.05, 0.25, 0.5, 0.75, 0.95]
# Figures are some 1,400 of a peer: one in a thousand peers that compute the same is beyond this many standard errors.
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


def command(peer, trials, cores, folder):
    if peer == OURS:
        return [PROGRAM, "run", SCENARIO, "--trials", trials, "--threads", cores, "--quiet", "--out", folder]
    return [PYTHON, HERE / PEERS[peer], "--trials", trials, "--cores", cores, "--out", folder / "out.json"]


def timed(peer, trials, cores, folder):
    """Wall-clock seconds, peak of memory in bytes, and the figures of one process on so many cores."""
    environment_ = environment() | {"NUMBA_NUM_THREADS": str(cores)}
    arguments = ["taskset", "-c", ",".join(map(str, range(cores)))] + command(peer, trials, cores, folder)
    started = time.perf_counter()
    with open(folder / "stderr", "w") as stderr:
        process = subprocess.Popen([str(argument) for argument in arguments], env=environment_, stderr=stderr)
        _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{(folder / 'stderr').read_text()}\nerror: {peer} ended with status {process.returncode}")
    work, figures = our_figures(folder) if peer == OURS else peer_figures(folder)
    return {"seconds": seconds, "work": work or seconds, "memory": usage.ru_maxrss * 1024, "figures": figures}


def peer_figures(folder):
    answer = json.loads((folder / "out.json").read_text())
    figures = {}
    for series, steps in zip(SERIES, answer["statistics"]):
        for step, values in enumerate(steps):
            for statistic, value in zip(STATISTICS, values):
                figures[series, step, statistic] = (value, None)
    return answer["work_seconds"], figures


def our_figures(folder):
    """With standard errors. Periods are numbered in the order in which they stand, the base year left out."""
    path = next(folder.glob("*/*/quantiles.csv"))
    figures, steps = {}, {}
    with open(path, newline="") as file:
        for row in csv.DictReader(file):
            statistic = float(row["level"]) if row["statistic"] == "quantile" else row["statistic"]
            if row["measure"] not in SERIES or statistic not in STATISTICS or "-Q" not in row["period"]:
                continue
            step = steps.setdefault(row["period"], len(steps))
            figures[row["measure"], step, statistic] = (float(row["value"]), float(row["standard_error"]))
    return None, figures


def disagreement(ours, theirs):
    """The largest distance of two figures in standard errors of their difference, and where."""
    if ours.keys() != theirs.keys():
        sys.exit(f"error: {len(ours)} figures of ours, {len(theirs)} of a peer")
    worst = (0.0, None)
    for place, (value, error) in ours.items():
        beyond = max(abs(theirs[place][0] - value) - SLACK * value, 0)
        worst = max(worst, (beyond / (error * 2**0.5), place), key=lambda pair: pair[0])
    return worst


def table(runs, trials, cores_of):
    numpy_alone = runs.get(("numpy", 1))
    print("| | cores | seconds | fastest, slowest | work alone | trials/s | ns/flow-step/core | against numpy on 1 core "
          "| tradewinds against it | the same without its start-up | peak MB |")
    print("|---|---|---|---|---|---|---|---|---|---|---|")
    for cores in cores_of:
        ours = runs[OURS, cores]
        for peer in [OURS, *PEERS]:
            laps = runs[peer, cores]
            all_seconds = [lap["seconds"] for lap in laps]
            seconds = statistics.median(all_seconds)
            work = statistics.median(lap["work"] for lap in laps)
            # Ratios round by round: both of a pair met the same neighbours.
            ratio = lambda others, what: statistics.median(o[what] / l["seconds"] for o, l in zip(others, laps))
            against = statistics.median(l["seconds"] / o["seconds"] for l, o in zip(laps, ours))
            against_work = statistics.median(l["work"] / o["seconds"] for l, o in zip(laps, ours))
            numpy_ratio = f"{ratio(numpy_alone, 'seconds'):.2f}" if numpy_alone else ""
            print(f"| {peer} | {cores} | {seconds:.3f} | {min(all_seconds):.3f}, {max(all_seconds):.3f} | {work:.3f} "
                  f"| {trials / seconds:,.0f} | {1e9 * seconds * cores / (trials * FLOW_STEPS):.2f} | {numpy_ratio} "
                  f"| {against:.1f} | {against_work:.1f} | {max(lap['memory'] for lap in laps) / 1e6:.0f} |")


def machine():
    names = [line.split(":", 1)[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
             if line.startswith("model name")]
    return f"{names[0] if names else platform.processor()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--cores", type=int, nargs="+", default=[1, 2])
    args = parser.parse_args()
    prepare()
    before = machine()
    runs, worst = {}, {}
    for round_ in range(args.rounds):
        for cores in args.cores:
            for peer in [OURS, *PEERS]:
                with tempfile.TemporaryDirectory() as folder:
                    lap = timed(peer, args.trials, cores, Path(folder))
                runs.setdefault((peer, cores), []).append(lap)
                print(f"round {round_ + 1} of {args.rounds}: {peer} on {cores}: {lap['seconds']:.3f} s", file=sys.stderr)
                if peer != OURS:
                    ours = runs[OURS, cores][-1]["figures"]
                    worst[peer] = max(worst.get(peer, (0.0, None)), disagreement(ours, lap["figures"]),
                                      key=lambda pair: pair[0])
    packages = ", ".join(line for line in (HERE / "requirements.txt").read_text().split("\n") if "==" in line)
    commit = subprocess.run(["git", "-C", ROOT, "describe", "--always", "--dirty"], capture_output=True, text=True)
    print(f"\n{args.trials:,} trials, medians of {args.rounds} rounds in turn, whole processes; {before} before, "
          f"{os.getloadavg()[0]:.1f} after; commit {commit.stdout.strip()}; Python {platform.python_version()}, {packages}\n")
    table(runs, args.trials, args.cores)
    print()
    for peer, (errors, place) in worst.items():
        print(f"Largest difference of {peer} from tradewinds: {errors:.1f} standard errors"
              + (f" ({' '.join(map(str, place))})" if place else " beyond the slack of its method"))
    if any(errors > MOST_ERRORS for errors, _ in worst.values()):
        sys.exit("error: a peer computes something else")


if __name__ == "__main__":
    main()
