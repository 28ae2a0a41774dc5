# SPDX-License-Identifier: GPL-3.0-or-later
"""One measurement: one broker, one side, one publisher."""
import contextlib
import dataclasses
from typing import Optional

import backlog
import rig
from latency import AckWatch

SECONDS_MAX = 180


@dataclasses.dataclass(frozen=True)
class Scenario:
    messages: int
    payload: int = 200
    rate: int = 0                        # a second; 0: as fast as the broker takes them
    waiting: bool = False                # all messages wait in the broker before the side connects
    max_inflight: Optional[int] = 1000   # the broker's window; None: mosquitto's own, 20
    receive_maximum: int = 1000
    topics: int = 32
    filters: int = 0                     # one of these a topic in edgeseal's route; 0: plant/#
    commit_interval: str = "20ms"
    uplink: bool = True                  # False: the spool keeps everything
    spooled_gib: float = 0               # in the spool before
    watch_acks: bool = False


@dataclasses.dataclass
class Sample:
    seconds: float
    rate: float                 # messages a second, up to the last commit
    cpu_us: float               # a message
    broker_cpu_us: float        # a message
    written: float              # bytes on the disk a payload byte
    resident_mib: float
    idle_mib: float             # before the first message
    start_s: float = 0          # edgeseal, from exec to being subscribed
    ack_p50_ms: float = 0       # from the broker's PUBLISH to its PUBACK
    ack_p99_ms: float = 0


def start_side(shop, broker, folder, scenario, side):
    if side == "edgeseal":
        return rig.Gateway(shop.programs, broker, folder, scenario, shop.memory)
    return rig.Counter(shop.programs, broker, folder, scenario, sqlite=side == "script")


def measure(shop, scenario, side):
    """`side`: edgeseal, counter, or script."""
    with contextlib.ExitStack() as stack:
        folder = shop.fresh_folder()
        broker = rig.Broker(folder / "broker", scenario.max_inflight)
        stack.callback(broker.stop)
        watch = stack.enter_context(AckWatch(broker.port)) if scenario.watch_acks else None
        publisher = None
        if scenario.waiting or scenario.spooled_gib:
            start_side(shop, broker, folder, scenario, side).stop()  # makes the session, and the spool
        if scenario.spooled_gib:
            backlog.fill(folder / "spool.db", scenario.spooled_gib)
        if scenario.waiting:
            sent = rig.Publisher(shop.programs, broker, folder, scenario).report(SECONDS_MAX)
        broker_before = rig.cpu_s(broker.pid)
        subscriber = start_side(shop, broker, folder, scenario, side)
        stack.callback(subscriber.stop)
        idle_mib = rig.resident_mib(subscriber.pid)
        before = 0, broker_before, 0
        if not scenario.waiting:
            before = rig.cpu_s(subscriber.pid), rig.cpu_s(broker.pid), rig.written_bytes(subscriber.pid)
            publisher = rig.Publisher(shop.programs, broker, folder, scenario)
            stack.callback(publisher.process.stop)
            sent = publisher.report(SECONDS_MAX)
        first_s, last_s = subscriber.done(scenario.messages, SECONDS_MAX)
        if publisher:
            first_s = sent["first_s"]
        after = rig.cpu_s(subscriber.pid), rig.cpu_s(broker.pid), rig.written_bytes(subscriber.pid)
        used, broker_used, written = (b - a for a, b in zip(before, after))
        sample = Sample(
            seconds=last_s - first_s, rate=scenario.messages / (last_s - first_s),
            cpu_us=used / scenario.messages * 1e6, broker_cpu_us=broker_used / scenario.messages * 1e6,
            written=written / sent["payload_bytes"], resident_mib=rig.resident_mib(subscriber.pid), idle_mib=idle_mib)
        if side == "edgeseal":
            sample.start_s = subscriber.connected_s - subscriber.started_s
        if watch:
            sample.ack_p50_ms, sample.ack_p99_ms = watch.percentiles_ms(50, 99)
        return sample
