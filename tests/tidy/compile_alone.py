#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compiles each source by itself, without making anything of it.

    tests/tidy/compile_alone.py BUILD    BUILD was configured, source by source, as with the preset release

tests/run builds a dozen sources at a time, where one can use what another includes or defines.
"""
import json
import os
import shlex
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

DROPPED = {"-MD", "-c"}
DROPPED_WITH_VALUE = {"-o", "-MF", "-MT"}


def checking(command: str) -> list[str]:
    """The command without its cache, its outputs and its optimisation."""
    words = shlex.split(command)
    compiler = next(i for i, word in enumerate(words) if os.path.basename(word) in ("c++", "cc", "g++", "gcc", "clang++", "clang"))
    kept: list[str] = []
    rest = iter(words[compiler:])
    for word in rest:
        if word in DROPPED_WITH_VALUE:
            next(rest)
        elif word not in DROPPED and not word.startswith("-O"):
            kept.append(word)
    return kept + ["-fsyntax-only"]


def check(entry: dict) -> tuple[str, str]:
    done = subprocess.run(checking(entry["command"]), cwd=entry["directory"], capture_output=True, text=True)
    return entry["file"], done.stderr if done.returncode != 0 else ""


def main() -> int:
    with open(os.path.join(sys.argv[1], "compile_commands.json")) as commands:
        entries = json.load(commands)
    failures = 0
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for file, complaint in pool.map(check, entries):
            if complaint:
                failures += 1
                print(f"{file} does not compile by itself:\n{complaint}", flush=True)
    print(f"{len(entries)} sources, {failures} of which do not compile by themselves")
    return 1 if failures or not entries else 0


if __name__ == "__main__":
    sys.exit(main())
