# SPDX-License-Identifier: GPL-3.0-or-later
"""The live demo behind tests/demo. Starts everything on loopback, stops what it started by pid."""
import argparse
import base64
import collections
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import payloads
from screen import Screen
from uplink import Uplink

SERVERS = pathlib.Path(__file__).resolve().parent.parent / "servers"
ACCESS, SECRET_KEY, REGION, BUCKET = "test:tester", "testing", "us-east-1", "ore-data"


class Demo:
    def __init__(self, programs, folder):
        self.edgeseal = str(programs / "edgeseal")
        self.opener = str(programs / "edgeseal-open")
        self.dir = folder
        self.screen = Screen()
        self.running = []
        self.sent = collections.Counter()
        self.bytes_in = 0
        self.env = {**os.environ, "AWS_ACCESS_KEY_ID": ACCESS, "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
                    "AWS_DEFAULT_REGION": REGION, "AWS_EC2_METADATA_DISABLED": "true"}

    # --- programs -----------------------------------------------------------------------------------------------------
    def start(self, name, command):
        log = open(self.dir / f"{name}.log", "ab")
        process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, env=self.env)
        self.running.append(process)
        return process

    def start_server(self, name, command):
        """Starts a server that prints `ready URL`; gives the URL."""
        process = self.start(name, command)
        return self.until(lambda: self.ready_url(name, process), 40, f"{name} did not start")

    def ready_url(self, name, process):
        if process.poll() is not None:
            raise SystemExit(f"{name} ended:\n" + (self.dir / f"{name}.log").read_text())
        for line in (self.dir / f"{name}.log").read_text().splitlines():
            if line.startswith("ready "):
                return line.split()[1]
        return None

    def output(self, command):
        done = subprocess.run(command, env=self.env, capture_output=True, check=False)
        if done.returncode != 0:
            raise SystemExit(f"{command[0]} failed:\n{done.stderr.decode()}")
        return done.stdout

    def stop_all(self):
        for process in reversed(self.running):
            if process.poll() is None:
                process.terminate()
        for process in self.running:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()

    @staticmethod
    def until(condition, seconds, failure):
        deadline = time.monotonic() + seconds
        while not (value := condition()):
            if time.monotonic() > deadline:
                raise SystemExit(failure)
            time.sleep(0.1)
        return value

    # --- acts ---------------------------------------------------------------------------------------------------------
    def owner_makes_a_key(self):
        self.screen.title("The data owner makes an RSA key in KMS; the gateway gets its public half")
        pem = self.dir / "owner.pem"
        self.output(["openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:4096", "-out", str(pem)])
        self.kms = self.start_server("kms", ["/usr/bin/python3", str(SERVERS / "kms_standin.py"), "--access-key", ACCESS,
                                             "--secret-key", SECRET_KEY, "--region", REGION, "--import-key", str(pem)])
        lines = (self.dir / "kms.log").read_text().splitlines()
        arn = next(json.loads(line) for line in lines if line.startswith("["))[0]["arn"]
        public = self.output(["/usr/bin/aws", "kms", "get-public-key", "--endpoint-url", self.kms, "--key-id", arn])
        (self.dir / "kms-public.json").write_bytes(public)
        self.pin = self.output([self.edgeseal, "pin", str(self.dir / "kms-public.json")]).split()[0].decode()
        self.screen.say(f"$ edgeseal pin kms-public.json   {self.pin[:23]}…")

    def start_servers(self):
        self.screen.title("A broker on the gateway, a bucket in the cloud, and a line between them")
        self.broker = self.start_server("mosquitto", ["/usr/bin/python3", str(SERVERS / "mosquitto_server"), "--dir",
                                                      str(self.dir / "broker"), "--max-queued", "20000"])
        s3 = self.start_server("s3", ["/usr/bin/python3", str(SERVERS / "s3_server"), "--dir", str(self.dir / "s3"),
                                      "--access-key", ACCESS, "--secret-key", SECRET_KEY, "--bucket", BUCKET])
        self.s3 = s3
        self.uplink = Uplink(int(s3.rsplit(":", 1)[1]))
        self.port = self.broker.rsplit(":", 1)[1]
        (self.dir / "gateway.yaml").write_text(f"""\
version: 1
gateway: demo-gateway
source: {{url: "{self.broker}"}}
keys:
  owner: {{file: kms-public.json, pin: "{self.pin}"}}
routes:
  truck:
    topics: ["mine/#"]
    keys: [owner]
    sinks: [lake]
    batch: {{max_age: 1s}}
    priority: 7
  home:
    topics: ["home/#"]
    keys: [owner]
    sinks: [lake]
    batch: {{max_age: 1s}}
sinks:
  lake:
    type: s3
    bucket: {BUCKET}
    region: {REGION}
    endpoint: http://127.0.0.1:{self.uplink.port}
    path_style: true
spool: {{path: spool/spool.db}}
status: {{socket: status.sock}}
""")
        (self.dir / "spool").mkdir()
        self.start_gateway()

    def start_gateway(self):
        self.gateway = self.start("gateway", [self.edgeseal, "run", "-c", str(self.dir / "gateway.yaml")])
        self.until(lambda: (self.status() or {}).get("sources", {}).get("source", {}).get("connected"), 20,
                   "the gateway did not connect")
        self.screen.good("the gateway runs and is connected")

    def status(self):
        done = subprocess.run([self.edgeseal, "status", "--json", "--socket", str(self.dir / "status.sock")],
                              capture_output=True, check=False)
        return json.loads(done.stdout) if done.returncode == 0 else None

    def publish(self, what, messages):
        messages = list(messages)
        by_topic = collections.defaultdict(list)
        for topic, payload in messages:
            self.sent[(topic, payload)] += 1
            self.bytes_in += len(payload)
            by_topic[topic].append(payload)
        done = 0
        for topic, items in by_topic.items():
            lines = [item for item in items if item and b"\n" not in item and b"\x00" not in item]
            if lines:  # text goes line by line through one client
                self.pub(topic, ["-l"], b"\n".join(lines) + b"\n")
                done += len(lines)
            for item in (item for item in items if item not in lines):
                self.pub(topic, ["-s"] if item else ["-n"], item)
                done += 1
                self.screen.progress(f"{what}: {done}/{len(messages)} published", done / len(messages))
        self.screen.good(f"{what}: {len(messages)} payloads published")

    def pub(self, topic, how, data):
        subprocess.run(["mosquitto_pub", "-p", self.port, "-q", "1", "-t", topic, *how], input=data, check=True)

    def committed(self):
        return sum(route["committed"] for route in (self.status() or {}).get("routes", {}).values())

    def search_disk(self):
        """Looks for what only a payload can contain, in every file of the gateway."""
        needle, found, size = payloads.SECRET.encode(), 0, 0
        for path in [*(self.dir / "spool").iterdir(), self.dir / "gateway.log"]:
            content = path.read_bytes()
            size += len(content)
            found += content.count(needle)
        say = self.screen.good if found == 0 else self.screen.bad
        say(f'"{needle.decode()}" stands {found} times in the {size:,} bytes of spool and log')
        return found

    def drain(self):
        def waiting():
            status = self.status()
            if not status:
                return None
            spool = status["spool"]
            left = spool["batches"] + (1 if spool["journal_frames"] else 0)
            self.screen.progress(f"{spool['batches']} batches, {spool['bytes']:,} bytes wait", 1 / (1 + left))
            return left
        self.until(lambda: waiting() == 0, 60, "the spool did not drain")
        self.screen.good("the spool is empty: every batch is confirmed by S3")

    def open_everything(self):
        self.screen.title("The owner opens the bucket: KMS unwraps each data key")
        out = self.dir / "opened"
        out.mkdir()
        self.output([self.opener, "--kms", "--endpoint", self.kms, "--s3-endpoint", self.s3, "--region", REGION,
                     "-o", str(out), f"s3://{BUCKET}/"])
        opened = collections.Counter()
        objects = 0
        for path in sorted(out.rglob("*.ndjson")):
            objects += 1
            for line in path.read_bytes().splitlines():
                record = json.loads(line)
                payload = base64.b64decode(record["payload_base64"]) if "payload_base64" in record \
                    else record["payload"].encode()
                opened[(record["topic"], payload)] += 1
        self.screen.good(f"{sum(opened.values())} records from {objects} objects")
        return opened, objects

    def run(self):
        self.owner_makes_a_key()
        self.start_servers()

        self.screen.title("A shift begins: all is well")
        self.publish("haul truck", payloads.haul_truck(400, 1))
        self.publish("smart home", payloads.smart_home(300, 2))
        self.until(lambda: self.committed() >= 700, 20, "the gateway did not commit everything")
        time.sleep(1.2)
        self.drain()

        self.screen.title("The uplink is cut")
        self.uplink.cut()
        self.publish("haul truck", payloads.haul_truck(600, 3))
        self.publish("smart home", payloads.smart_home(400, 4))
        self.until(lambda: self.committed() >= 1700, 20, "the gateway did not commit everything")
        time.sleep(1.2)
        spool = self.status()["spool"]
        self.screen.good(f"the spool holds {spool['batches']} batches, {spool['bytes']:,} bytes")
        leaks = self.search_disk()

        self.screen.title("kill -9 in the middle of the stream, and sensors that do not stop")
        self.publish("haul truck", payloads.haul_truck(150, 5))
        self.gateway.kill()
        self.gateway.wait()
        self.screen.say("the gateway is gone; the broker keeps the session")
        leaks += self.search_disk()
        self.publish("haul truck", payloads.haul_truck(150, 6))
        self.start_gateway()

        self.screen.title("The uplink is back")
        self.uplink.mend()
        self.publish("smart home", payloads.smart_home(200, 7))
        time.sleep(1.5)
        self.drain()
        self.gateway.terminate()
        code = self.gateway.wait(15)
        self.screen.good(f"SIGTERM: the gateway ended with status {code}")

        opened, objects = self.open_everything()
        lost = self.sent - opened
        # At least once: what was committed and not yet acknowledged when the gateway was killed comes a second time.
        again = sum(count - self.sent[item] for item, count in opened.items() if 0 < self.sent[item] < count)
        invented = sum(count for item, count in opened.items() if item not in self.sent)
        sealed_bytes = sum(path.stat().st_size for path in (self.dir / "opened").rglob("*.ndjson"))
        self.screen.table([
            ("payloads sent", sum(self.sent.values())), ("objects sealed and delivered", objects),
            ("records opened", sum(opened.values())), ("delivered twice (after kill -9)", again),
            ("lost", sum(lost.values())), ("invented or altered", invented), ("plaintext found on disk", leaks),
            ("payload bytes in", f"{self.bytes_in:,}"), ("bytes over the uplink", f"{self.uplink.bytes_up:,}"),
            ("bytes opened, as NDJSON", f"{sealed_bytes:,}")])
        return 0 if not lost and invented == 0 and leaks == 0 and code == 0 else 1


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--bin", type=pathlib.Path, required=True)
    arguments = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="edgeseal-demo-") as folder:
        demo = Demo(arguments.bin.resolve(), pathlib.Path(folder))
        try:
            return demo.run()
        finally:
            demo.stop_all()


if __name__ == "__main__":
    sys.exit(main())
