#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""tests/setup leaves nothing behind that would keep services from starting, however it ends, and says where it belongs.

Commands of its own stand for dpkg-query and apt-get, a file in a scratch folder for /usr/sbin/policy-rc.d."""
import os
import pathlib
import signal
import subprocess
import tempfile
import time
import unittest

SETUP = pathlib.Path(__file__).parents[1] / "setup"
MARK = "# by edgeseal tests/setup, for as long as it installs packages"


@unittest.skipIf(os.geteuid() != 0, "tests/setup would ask sudo for a password")
class SetupTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.root = pathlib.Path(self.folder.name)
        self.policy = self.root / "policy-rc.d"
        self.release = self.root / "os-release"
        self.release.write_text('ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n')
        self.command("dpkg-query", "exit 0")  # nothing is installed
        self.environment = dict(os.environ, PATH=f"{self.root}/bin:{os.environ['PATH']}", XDG_CACHE_HOME=f"{self.root}/cache",
                                EDGESEAL_POLICY_RC_D=str(self.policy), EDGESEAL_OS_RELEASE=str(self.release))

    def tearDown(self):
        self.folder.cleanup()

    def command(self, name, line):
        path = self.root / "bin" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/bash\n{line}\n")
        path.chmod(0o755)

    def start(self):
        return subprocess.Popen([SETUP], env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                text=True, start_new_session=True)

    def interrupted_by(self, number):
        self.command("apt-get", f'[[ $* != *" install "* ]] || {{ touch {self.root}/installing; sleep 60; }}')
        process = self.start()
        deadline = time.monotonic() + 30
        while not (self.root / "installing").exists():
            self.assertLess(time.monotonic(), deadline, "apt-get was never called")
            time.sleep(0.02)
        self.assertTrue(self.policy.exists(), "services would be started while packages are installed")
        os.killpg(process.pid, number)
        process.communicate(timeout=30)
        return process.returncode

    def test_an_interruption_leaves_no_rule_behind(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            with self.subTest(number):
                self.assertNotEqual(self.interrupted_by(number), 0)
                self.assertFalse(self.policy.exists())
                (self.root / "installing").unlink()

    def test_the_rule_of_a_run_that_was_killed_goes_at_the_next(self):
        self.interrupted_by(signal.SIGKILL)
        self.assertTrue(self.policy.exists())
        self.command("apt-get", "exit 1")
        process = self.start()
        process.communicate(timeout=60)
        self.assertFalse(self.policy.exists())

    def test_the_rule_of_somebody_else_stays(self):
        self.policy.write_text("#!/bin/sh\nexit 101\n")
        self.command("apt-get", "exit 1")
        self.start().communicate(timeout=60)
        self.assertEqual(self.policy.read_text(), "#!/bin/sh\nexit 101\n")

    def test_elsewhere_it_says_so_and_does_nothing(self):
        self.command("apt-get", f"touch {self.root}/called")
        for text in ('ID=ubuntu\nVERSION_ID="24.04"\nPRETTY_NAME="Ubuntu 24.04 LTS"\n',
                     'ID=debian\nVERSION_ID="13"\nPRETTY_NAME="Debian GNU/Linux 13 (trixie)"\n',
                     'ID=debian\nPRETTY_NAME="Debian GNU/Linux trixie/sid"\n'):
            self.release.write_text(text)
            process = self.start()
            said, _ = process.communicate(timeout=30)
            self.assertNotEqual(process.returncode, 0)
            self.assertIn("Debian 12 (bookworm) alone", said)
            self.assertIn(text.split('PRETTY_NAME="')[1].split('"')[0], said)
        self.assertFalse((self.root / "called").exists())


if __name__ == "__main__":
    unittest.main()
