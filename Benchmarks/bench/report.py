# SPDX-License-Identifier: Apache-2.0
"""What a run yields: a table to read, JSON to keep, a plot to see."""

import datetime
import json
import os
import platform
import statistics
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from bench.contenders import Contender, output
from bench.measure import Figures

REFERENCE = "nghttpd"


def summarise(rounds: dict[str, dict[str, list[Figures]]]) -> dict[str, dict[str, Any]]:
    """The medians of each shape and server; the ratio is taken within each round."""
    summary: dict[str, dict[str, Any]] = {}
    for shape, servers in rounds.items():
        reference = servers.get(REFERENCE)
        for server, figures in servers.items():
            entry: dict[str, Any] = {
                key: statistics.median(one.as_dict()[key] for one in figures)
                for key in ("cpu_us", "per_second", "p50_us", "p99_us")
            }
            if reference:
                pairs = zip(figures, reference, strict=True)
                entry["ratio"] = statistics.median(one.cpu_us / ref.cpu_us for one, ref in pairs)
            entry["rounds"] = [one.as_dict() for one in figures]
            summary.setdefault(shape, {})[server] = entry
    return summary


def machine() -> dict[str, Any]:
    model = "unknown"
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
            break
    release = platform.freedesktop_os_release().get("PRETTY_NAME", "unknown")
    return {
        "processor": model,
        "cores": os.cpu_count(),
        "kernel": platform.release(),
        "distribution": release,
        "load_before": os.getloadavg()[0],
    }


def versions(contenders: Iterable[Contender]) -> dict[str, str]:
    found = {contender.name: contender.version() for contender in contenders}
    return found | {"swift": output("swift", "--version"), "h2load": output("h2load", "--version")}


def print_tables(result: dict[str, Any], write: Callable[[str], None] = print) -> None:
    for shape, servers in result["loads"].items():
        write(f"\n{shape}: CPU time and rate for each message, latency for each call")
        header = f"  {'server':<10} {'CPU us':>9} {'/nghttpd':>9} {'per second':>11}"
        write(f"{header} {'p50 us':>9} {'p99 us':>9}")
        for name, entry in sorted(servers.items(), key=lambda pair: pair[1]["cpu_us"]):
            ratio = f"{entry['ratio']:9.2f}" if "ratio" in entry else f"{'-':>9}"
            figures = f"{entry['cpu_us']:9.2f} {ratio} {entry['per_second']:11.0f}"
            write(f"  {name:<10} {figures} {entry['p50_us']:9.0f} {entry['p99_us']:9.0f}")
    if memory := result.get("idle_memory"):
        write(f"\nmemory of one idle connection, of {memory['connections']}, KB")
        write(f"  {'server':<10} {'RSS':>9} {'PSS':>9}")
        for name, entry in sorted(memory["servers"].items(), key=lambda pair: pair[1]["rss"]):
            write(f"  {name:<10} {entry['rss'] / 1024:9.1f} {entry['pss'] / 1024:9.1f}")


def save(result: dict[str, Any], folder: Path, name: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.json"
    path.write_text(json.dumps(result, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return path


def plot(result: dict[str, Any], path: Path) -> None:
    """Bars of CPU time for each message, one panel a shape, on a logarithmic axis."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    loads = result["loads"]
    columns = min(4, len(loads))
    rows = -(-len(loads) // columns)
    figure, axes = plt.subplots(rows, columns, figsize=(4 * columns, 2.6 * rows), squeeze=False)
    for axis in axes.flat[len(loads) :]:
        axis.set_visible(False)
    for axis, (shape, servers) in zip(axes.flat, loads.items(), strict=False):
        ordered = sorted(servers.items(), key=lambda pair: pair[1]["cpu_us"], reverse=True)
        values = [entry["cpu_us"] for _, entry in ordered]
        colours = ["#2a7f62" if name == "amaru" else "#8a8f98" for name, _ in ordered]
        bars = axis.barh([name for name, _ in ordered], values, color=colours)
        axis.bar_label(bars, labels=[f"{value:.2f}" for value in values], padding=3, fontsize=8)
        axis.set_xscale("log")
        axis.set_xlim(min(values) / 2, max(values) * 4)
        axis.set_title(shape, fontsize=10)
        axis.set_xlabel("CPU us for each message", fontsize=8)
        axis.tick_params(labelsize=8)
        axis.spines[["top", "right"]].set_visible(False)
    about = result["machine"]
    title = f"{about['processor']}, {about['cores']} cores, {result['date'][:10]}"
    figure.suptitle(f"{title}, median of {result['rounds']} rounds", fontsize=10)
    figure.tight_layout()
    figure.savefig(path, dpi=130)
    plt.close(figure)


def now() -> str:
    return datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")
