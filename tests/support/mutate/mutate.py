#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Puts small mistakes into a copy of the code, one at a time, and sees whether a test notices.

The copy lies in build/mutate and is built as `release` is, with only the test programs that rules name. A rule whose
code does not compile, or whose tests fail without it, is an error: it proves nothing.
"""
import argparse
import fnmatch
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import time

import rules_agent
import rules_config
import rules_crypto
import rules_storage
import rules_transport

ROOT = pathlib.Path(__file__).resolve().parents[3]
WANTED = 0.95
FAILED = re.compile(r"\[  FAILED  \] ([^,\s]+)")
RULES = (rules_crypto.RULES + rules_storage.RULES + rules_transport.RULES + rules_config.RULES + rules_agent.RULES)


def tracked_files():
    listed = subprocess.run(["git", "-C", ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                            check=True, capture_output=True).stdout
    return [name for name in listed.decode().split("\0") if name and (ROOT / name).is_file()]


class Scratch:
    """A copy of the tree as it is now, changes that are not committed included, with a build of its own."""

    def __init__(self, folder):
        self.tree = folder / "tree"
        self.build = self.tree / "build/release"
        self.log = folder / "log"
        self.tree.mkdir(parents=True, exist_ok=True)
        self._copy()

    def _copy(self):
        names = set(tracked_files())
        for path in [path for path in self.tree.rglob("*") if path.is_file() or path.is_symlink()]:
            name = path.relative_to(self.tree)
            if name.parts[0] != "build" and str(name) not in names:
                path.unlink()
        for name in names:
            source, copy = ROOT / name, self.tree / name
            if copy.is_file() and copy.read_bytes() == source.read_bytes():
                continue  # with its time, so that it need not be built again
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, copy)

    def run(self, command, seconds=None):
        """Exit status, None when it took longer, and what it printed; nothing of it is left running."""
        with open(self.log, "w+", errors="replace") as log:
            process = subprocess.Popen(command, cwd=self.tree, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                       start_new_session=True)
            try:
                status = process.wait(seconds)
            except subprocess.TimeoutExpired:
                status = None
            finally:
                try:
                    os.killpg(process.pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
                process.wait()
            log.seek(0)
            return status, log.read()

    def make(self, targets):
        """What the compiler complained of; empty when all was built."""
        status, output = 0, ""
        if not (self.build / "build.ninja").exists():
            status, output = self.run(["cmake", "--preset", "release"])
        if status == 0:
            status, output = self.run(["cmake", "--build", "--preset", "release", "-j", str(os.cpu_count()),
                                       "--target", *sorted(targets)])
        return "" if status == 0 else "\n".join(output.splitlines()[-30:])

    def failure(self, test, seconds):
        """What shows that the test fails; empty when it passes."""
        program, *rest = test.split()
        command = [self.build / "bin" / program, *rest]
        if not rest[0].startswith("--"):
            command = [self.build / "bin" / program, "--gtest_fail_fast", "--gtest_filter=" + rest[0]]
        status, output = self.run(command, seconds)
        if "Running 0 tests" in output:
            raise SystemExit(f"mutate: no test fits {test}")
        if status == 0:
            return ""
        if status is None:
            return f"{test} takes over {seconds} s"
        failed = FAILED.search(output)
        return failed[1] if failed else f"{test} ends with {status}"


def targets_of(rules):
    return {test.split()[0] for rule in rules for test in rule.tests}


def error_without(scratch, rules):
    """Why nothing would be proved: what fails in the code as it is."""
    print(f"building {', '.join(sorted(targets_of(rules)))}", file=sys.stderr)
    if complaint := scratch.make(targets_of(rules)):
        return complaint
    longest = {}
    for rule in rules:
        for test in rule.tests:
            longest[test] = max(longest.get(test, 0), rule.seconds)
    for test, seconds in sorted(longest.items()):
        if failure := scratch.failure(test, seconds):
            return f"without any mistake: {failure}"
    return ""


def try_rule(scratch, rule):
    """"killed", "survived" or "error", and what shows it."""
    (path, begin, end), = rule.places(scratch.tree)
    text = path.read_text()
    try:
        path.write_text(text[:begin] + rule.new + text[end:])
        if complaint := scratch.make(targets_of([rule])):
            return "error", complaint
        for test in rule.tests:
            if failure := scratch.failure(test, rule.seconds):
                return "killed", failure
        line = text.count("\n", 0, begin) + 1
        return "survived", f"{path.relative_to(scratch.tree)}:{line}: {', '.join(rule.tests)}"
    finally:
        path.write_text(text)


def try_all(scratch, rules):
    verdicts = {}
    for number, rule in enumerate(rules, start=1):
        begin = time.monotonic()
        verdicts[rule.name] = verdict, shown = try_rule(scratch, rule)
        print(f"{number}/{len(rules)} {verdict:8} {rule.name} ({time.monotonic() - begin:.0f} s): {shown}", flush=True)
    return verdicts


def report(verdicts):
    killed = sum(verdict == "killed" for verdict, _ in verdicts.values())
    errors = [name for name, (verdict, _) in verdicts.items() if verdict == "error"]
    print(f"\n{killed} of {len(verdicts)} noticed: {killed / len(verdicts):.1%}")
    for name, (verdict, shown) in verdicts.items():
        if verdict != "killed":
            print(f"{verdict}: {name}: {shown}")
    return 0 if not errors and killed >= WANTED * len(verdicts) else 1


def chosen_rules(parser, names):
    if not names:
        return RULES
    chosen = [rule for rule in RULES if any(fnmatch.fnmatchcase(rule.name, name) for name in names)]
    if missing := [name for name in names if not any(fnmatch.fnmatchcase(rule.name, name) for rule in RULES)]:
        parser.error(f"no rule {', '.join(missing)}")
    return chosen


def main():
    parser = argparse.ArgumentParser(prog="tests/mutate", description="Whether tests notice small mistakes.")
    parser.add_argument("--list", action="store_true", help="the rules with their places and tests")
    parser.add_argument("--check", action="store_true", help="whether each rule fits one place of the code")
    parser.add_argument("--folder", type=pathlib.Path, default=ROOT / "build/mutate", help="for the copy")
    parser.add_argument("names", nargs="*", metavar="NAME")
    options = parser.parse_args()
    rules = chosen_rules(parser, options.names)
    if options.list:
        for rule in rules:
            print(f"{rule.name}\n    {rule.where}: {' '.join(rule.old.split())}\n    {', '.join(rule.tests)}")
        return 0
    problems = [(rule.name, problem) for rule in rules if (problem := rule.problem(ROOT))]
    names = [rule.name for rule in RULES]
    problems += [(name, "is the name of two rules") for name in set(names) if names.count(name) > 1]
    for name, problem in problems:
        print(f"error: rule {name} {problem}", file=sys.stderr)
    if problems or options.check:
        return 1 if problems else 0
    scratch = Scratch(options.folder.resolve())
    if error := error_without(scratch, rules):
        sys.exit(f"mutate: {error}")
    return report(try_all(scratch, rules))


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that the copy is put right
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("mutate: interrupted")
