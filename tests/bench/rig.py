# SPDX-License-Identifier: GPL-3.0-or-later
"""What the ingest benchmarks start, watch and stop: broker, publisher, and the two sides that are compared."""
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
START_S_MAX = 30
STOP_S_MAX = 30
QUICK_POLL_S = 0.005
SLOW_POLL_S = 0.05


class Failure(Exception):
    pass


def until(condition, seconds, failure, pause_s=QUICK_POLL_S):
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise Failure(f"{failure} within {seconds:.0f} s")
        time.sleep(pause_s)
    return value


class Process:
    """A program whose output goes to a file; stopped by pid."""

    def __init__(self, command, output):
        self.output = output
        with open(output, "wb") as file:
            self.popen = subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL, stdout=file,
                                          stderr=subprocess.STDOUT)
        self.pid = self.popen.pid

    def line(self, prefix, seconds=START_S_MAX):
        """The first whole line that begins so."""
        def find():
            ended = self.popen.poll() is not None  # asked first: its last words may come right before its end
            text = self.output.read_text(errors="replace")
            found = [line for line in text.splitlines(True) if line.startswith(prefix) and line.endswith("\n")]
            if not found and ended:
                raise Failure(f"{self.popen.args[0]} ended:\n{text[-2000:]}")
            return found
        return until(find, seconds, f"{self.popen.args[0]} did not say {prefix!r}")[0].strip()

    def stop(self):
        if self.popen.poll() is None:
            self.popen.send_signal(signal.SIGTERM)
        try:
            self.popen.wait(STOP_S_MAX)
        except subprocess.TimeoutExpired:
            self.popen.kill()
            self.popen.wait()


def cpu_s(pid):
    """Processor time of a process's living threads, in the scheduler's nanoseconds."""
    tasks = pathlib.Path(f"/proc/{pid}/task")
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks.iterdir()) / 1e9


def written_bytes(pid):
    """What it has sent to the disk."""
    fields = dict(line.split(": ") for line in pathlib.Path(f"/proc/{pid}/io").read_text().splitlines())
    return int(fields["write_bytes"]) - int(fields["cancelled_write_bytes"])


def resident_mib(pid):
    fields = dict(line.split(":", 1) for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines())
    return int(fields["VmRSS"].split()[0]) / 1024


class Broker:
    """mosquitto with a queue without end. `max_inflight` of None leaves its own window, 20."""

    def __init__(self, folder, max_inflight):
        folder.mkdir()
        command = [ROOT / "tests/support/servers/mosquitto_server", "--dir", folder, "--max-queued", 0,
                   "--config", "log_type none", "--config", "log_type information", "--config", "log_type subscribe"]
        if max_inflight:
            command += ["--max-inflight", max_inflight]
        self.server = Process(command, folder / "server.out")
        self.log = folder / "mosquitto.log"
        self.url = self.server.line("ready ").split()[1]
        self.port = int(self.url.rsplit(":", 1)[1])
        self.pid = int(pathlib.Path(f"/proc/{self.server.pid}/task/{self.server.pid}/children").read_text().split()[0])

    def subscriptions(self):
        """Ever made; a kept session's are not made again."""
        return self.log.read_text().count(" plant/")

    def stop(self):
        self.server.stop()


class Publisher:
    def __init__(self, programs, broker, folder, scenario):
        self.process = Process(
            [programs / "bench/publisher", "--port", broker.port, "--messages", scenario.messages, "--payload-bytes",
             scenario.payload, "--rate", scenario.rate, "--topics", scenario.topics], folder / "publisher.out")

    def report(self, seconds):
        """After its last PUBACK: what it sent and when."""
        report = json.loads(self.process.line('{"messages"', seconds))
        self.process.stop()
        return report


class Counter:
    """Paho alone, or with an SQLite commit a message."""
    name = "counter"

    def __init__(self, programs, broker, folder, scenario, sqlite=False):
        if sqlite:
            (folder / "script.db").unlink(missing_ok=True)
        self.process = Process(
            [programs / "bench/counting_client", "--port", broker.port, "--messages", scenario.messages,
             "--receive-maximum", scenario.receive_maximum] + (["--sqlite", folder / "script.db"] if sqlite else []),
            folder / "counter.out")
        self.pid = self.process.pid
        self.process.line("ready")

    def done(self, _messages, seconds):
        """Monotonic times of the first and the last message."""
        report = json.loads(self.process.line('{"messages"', seconds))
        return report["first_s"], report["last_s"]

    def stop(self):
        self.process.stop()


class Gateway:
    """edgeseal with its spool on the disk that `folder` is on, and its sink in memory, or nowhere."""
    name = "edgeseal"

    def __init__(self, programs, broker, folder, scenario, memory):
        self.folder, self.socket = folder, folder / "status.sock"
        # Asking costs: it counts what the spool holds. Where the rate is given, nothing depends on when it is seen.
        self.poll_s = SLOW_POLL_S if scenario.rate else QUICK_POLL_S
        sink = memory / "out" if scenario.uplink else folder / "not-mounted"
        if scenario.uplink:
            sink.mkdir(exist_ok=True)
        topics = json.dumps([f"plant/{i}/telemetry" for i in range(scenario.filters)] if scenario.filters
                            else ["plant/#"])
        (folder / "gateway.yaml").write_text(f"""version: 1
gateway: bench
source: {{url: "{broker.url}", receive_maximum: {scenario.receive_maximum}}}
keys:
  owner: {{file: "{ROOT}/tests/vectors/keys/rsa-4096.public.der", wrap: raw-rsa, namespace: edgeseal, name: owner}}
routes:
  telemetry: {{topics: {topics}, keys: [owner], sinks: [out]}}
sinks:
  out: {{type: directory, path: "{sink}"}}
spool: {{path: "{folder}/spool.db", commit_interval: {scenario.commit_interval}, max_bytes: 32GiB}}
status: {{socket: "{self.socket}"}}
""")
        self.started_s = time.monotonic()
        self.process = Process([programs / "edgeseal", "run", "-c", folder / "gateway.yaml"], folder / "gateway.out")
        self.pid = self.process.pid
        until(lambda: (self.status() or {}).get("sources", {}).get("source", {}).get("connected"), START_S_MAX,
              "edgeseal did not connect", 0.002)
        until(lambda: broker.subscriptions() >= max(1, scenario.filters), START_S_MAX, "edgeseal did not subscribe")
        self.connected_s = time.monotonic()

    def status(self):
        if self.process.popen.poll() is not None:
            raise Failure("edgeseal ended:\n" + self.process.output.read_text()[-2000:])
        try:
            with socket.socket(socket.AF_UNIX) as link:
                link.settimeout(START_S_MAX)
                link.connect(str(self.socket))
                answer = b"".join(iter(lambda: link.recv(1 << 16), b""))
                return json.loads(answer)
        except OSError:
            return None

    def committed(self):
        return self.status()["routes"]["telemetry"]["committed"]

    def done(self, messages, seconds):
        """Monotonic times: connected; and everything committed, seen within some milliseconds."""
        nearly = int(messages * 0.9)
        until(lambda: self.committed() >= nearly, seconds, "edgeseal did not commit", SLOW_POLL_S)
        until(lambda: self.committed() >= messages, seconds, "edgeseal did not commit", self.poll_s)
        return self.connected_s, time.monotonic()

    def stop(self):
        self.process.stop()


class Workshop:
    """Folders of one run: on the disk that the build is on, and in memory. Gone afterwards."""

    def __init__(self, build):
        self.programs = build / "bin"
        for program in ("edgeseal", "bench/publisher", "bench/counting_client"):
            if not (self.programs / program).exists():
                raise Failure(f"no {program} in {self.programs}: build the target bench_ingest")
        self.disk = pathlib.Path(tempfile.mkdtemp(prefix="ingest-", dir=build))
        self.memory = pathlib.Path(tempfile.mkdtemp(prefix="edgeseal-ingest-", dir="/dev/shm"))

    def fresh_folder(self):
        for folder in (self.disk, self.memory):
            for entry in folder.iterdir():
                shutil.rmtree(entry)
        folder = self.disk / "run"
        folder.mkdir()
        return folder

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.disk)
        shutil.rmtree(self.memory)
