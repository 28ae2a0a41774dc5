# SPDX-License-Identifier: GPL-3.0-or-later
"""Which runs are compared, what is read from them, and what is wanted. A round does every run of an experiment once."""
import dataclasses
from typing import Callable, Optional

from measure import Sample, Scenario


@dataclasses.dataclass(frozen=True)
class Figure:
    text: str
    value: Callable[[dict], float]   # from a round's samples by run
    at_least: Optional[float] = None
    at_most: Optional[float] = None

    def met(self, value):
        if self.at_least is None and self.at_most is None:
            return None
        return (self.at_least is None or value >= self.at_least) and (self.at_most is None or value <= self.at_most)


@dataclasses.dataclass(frozen=True)
class Experiment:
    name: str
    runs: dict                       # name: (scenario, side)
    figures: list


def of(run, field):
    return lambda samples: getattr(samples[run], field)


def ratio(field, run="edgeseal", other="counter"):
    return lambda samples: getattr(samples[run], field) / getattr(samples[other], field)


def both(scenario):
    return {"counter": (scenario, "counter"), "edgeseal": (scenario, "edgeseal")}


def rate_and_cpu(rate_min=None, cpu_max=None):
    return [Figure("rate / counting client's", ratio("rate"), at_least=rate_min),
            Figure("CPU a message / counting client's", ratio("cpu_us"), at_most=cpu_max),
            Figure("CPU a message / mosquitto's", lambda s: s["edgeseal"].cpu_us / s["counter"].broker_cpu_us)]


WRITTEN = "bytes to disk a payload byte"


def flat(name, runs, more=()):
    """Each run against the first: alike, whatever grows."""
    first = next(iter(runs))
    figures = [Figure(f"CPU a message, {run} / {first}", ratio("cpu_us", run, first), at_most=1.1)
               for run in runs if run != first]
    figures += [Figure(f"{text}, {run} / {first}", ratio(field, run, first), at_most=1.1)
                for text, field in more for run in runs if run != first]
    return Experiment(name, {run: (scenario, "edgeseal") for run, scenario in runs.items()}, figures)


def paced(rate, seconds, **more):
    return Scenario(rate * seconds, rate=rate, **more)


ACKS = [("ack p50", "ack_p50_ms"), ("ack p99", "ack_p99_ms")]
LIVE = Scenario(300_000)
QUEUED = Scenario(1_000_000, uplink=False)

EXPERIMENTS = [
    Experiment("live", both(LIVE), rate_and_cpu(0.90, 1.35) + [
        Figure(WRITTEN, of("edgeseal", "written"), at_most=1.0),
        Figure("resident at full rate, MiB", of("edgeseal", "resident_mib")),
        Figure("resident idle, MiB", of("edgeseal", "idle_mib"), at_most=20)]),
    Experiment("backlog-200", both(Scenario(300_000, waiting=True)), rate_and_cpu(0.85)),
    Experiment("backlog-1k", both(Scenario(150_000, payload=1024, waiting=True)), rate_and_cpu(0.75)),
    Experiment("stock-window", both(Scenario(200_000, max_inflight=None)), rate_and_cpu(0.85)),
    Experiment("kept-window", both(Scenario(30_000, receive_maximum=20)), rate_and_cpu(0.60)),
    Experiment("rate-5000", both(paced(5000, 8)), rate_and_cpu(cpu_max=1.3) + [
        Figure(WRITTEN, of("edgeseal", "written"))]),
    Experiment("rate-1000", both(paced(1000, 10)), rate_and_cpu(cpu_max=1.8) + [
        Figure(WRITTEN, of("edgeseal", "written"))]),
    Experiment("rate-10", {"edgeseal": (paced(10, 30, commit_interval="1s"), "edgeseal")}, [
        Figure(WRITTEN, of("edgeseal", "written"), at_most=7)]),
    Experiment("script", {"script": (Scenario(4000), "script"), "edgeseal": (LIVE, "edgeseal")}, [
        Figure("rate / that of a commit a message", ratio("rate", other="script"), at_least=12),
        Figure("CPU a message / that of a commit a message", ratio("cpu_us", other="script"), at_most=1 / 6)]),
    Experiment("latency", {f"{rate}/s": (paced(rate, 8, watch_acks=True), "edgeseal") for rate in (100, 1000, 5000)},
               [Figure(f"{text} at {rate}/s, ms", of(f"{rate}/s", field))
                for rate in (100, 1000, 5000) for text, field in ACKS]),
    Experiment("memory", {"few": (Scenario(50_000, uplink=False), "edgeseal"), "many": (QUEUED, "edgeseal")}, [
        Figure("resident with 1,000,000 messages in the spool - with 50,000, MiB",
               lambda s: s["many"].resident_mib - s["few"].resident_mib, at_most=8)]),
    Experiment("start", {"edgeseal": (paced(1000, 1, spooled_gib=1, uplink=False), "edgeseal")}, [
        Figure("start to subscribed with 1 GiB in the spool, s", of("edgeseal", "start_s"), at_most=0.3)]),
    flat("flat-backlog", {f"{gib} GiB": paced(1000, 8, spooled_gib=gib, uplink=False, watch_acks=True)
                          for gib in (0, 1, 8)}, ACKS),
    flat("flat-topics", {f"{topics} topics": Scenario(200_000, topics=topics) for topics in (1, 100, 10_000)}),
    flat("flat-filters", {f"{count} filters": Scenario(100_000, topics=count, filters=count)
                          for count in (1, 100, 1000)}),
]
