#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""House rules as a test: prints `file:line: error: …, use …` and exits 1 when there are any.

usage: tidy.py [ROOT]    in a git checkout the tracked files of ROOT, elsewhere all of them
"""
import fnmatch
import pathlib
import re
import subprocess
import sys

import house

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
SPDX = "SPDX-License-Identifier: GPL-3.0-or-later"
CODE_ENDINGS = (".h", ".cpp")
SPDX_ENDINGS = CODE_ENDINGS + (".py", ".sh", ".mjs", ".cmake", ".in", "CMakeLists.txt")


class Tree:
    """The files of a checkout, by their path from the root."""

    def __init__(self, root):
        self.root = pathlib.Path(root).resolve()
        self.paths = sorted(path for path in self._names() if (self.root / path).is_file())
        self._texts = {}

    def _names(self):
        if (self.root / ".git").exists():
            listed = subprocess.run(["git", "-C", self.root, "ls-files", "-z"], check=True, capture_output=True).stdout
            return filter(None, listed.decode().split("\0"))
        skipped = {"build", "node_modules", "__pycache__"}
        return (str(path.relative_to(self.root)) for path in self.root.rglob("*") if not skipped & set(path.parts))

    def text(self, path):
        """Nothing for what is no text."""
        if path not in self._texts:
            content = (self.root / path).read_bytes()
            try:
                self._texts[path] = None if b"\0" in content else content.decode()
            except UnicodeDecodeError:
                self._texts[path] = None
        return self._texts[path]

    def lines(self, path):
        return enumerate((self.text(path) or "").split("\n"), start=1)

    def code(self):
        return [path for path in self.paths if path.endswith(CODE_ENDINGS)]

    def includes(self, path):
        """(line, '<' or '"', name) of each."""
        for number, line in self.lines(path):
            if found := INCLUDE.match(line):
                yield number, found[1], found[2]


def matches(path, patterns):
    return any(fnmatch.fnmatchcase(path, pattern) for pattern in patterns)


def room_of(path):
    rooms = [room for room in house.ROOMS if path.startswith(room + "/")]
    return max(rooms, key=len, default=None)


def included_with(tree, patterns):
    """Headers that match a pattern, and those that they include."""
    found, new = set(), [path for path in tree.code() if matches(path, patterns)]
    while new:
        path = new.pop()
        if path not in found:
            found.add(path)
            new += [name for _, kind, name in tree.includes(path) if kind == '"' and name in tree.paths]
    return found


def include_paths(tree):
    """One spelling a header: its path from the root."""
    known = set(tree.paths)
    for path in tree.code():
        for number, kind, name in tree.includes(path):
            if kind == "<" or name in known or name + ".in" in known:
                continue
            if (tree.root / name).exists() and not name.startswith("."):
                yield path, number, f'"{name}" is not tracked', "git add"
                continue
            likely = [header for header in known if ("/" + header).endswith("/" + name.lstrip("./"))]
            right = f'"{likely[0]}"' if len(likely) == 1 else "its path from the root"
            yield path, number, f'"{name}" is no path from the root', right


def own_header_first(tree):
    """So a header that does not stand alone does not compile; CMakeLists.txt compiles only the others for that."""
    for path in tree.code():
        own = path.removesuffix(".cpp") + ".h"
        if not path.endswith(".cpp") or own not in tree.paths:
            continue
        first = next(((number, name) for number, _, name in tree.includes(path)), (1, None))
        if first[1] != own:
            yield path, first[0], "its own header does not come first", f'#include "{own}"'


def arrows(tree):
    """A file includes only what its room may."""
    options = included_with(tree, house.OPTIONS)
    for path in tree.code():
        room = room_of(path)
        if room is None and not path.startswith("tests/"):
            yield path, 1, "in no room", "a folder that house.py lists"
        if room is None:
            continue
        allowed = next((rooms for pattern, rooms in house.FILES.items() if matches(path, [pattern])), house.ROOMS[room])
        for number, kind, name in tree.includes(path):
            target = room_of(name)
            if kind == "<" or name not in tree.paths or target == room or target in allowed or matches(name, allowed):
                continue
            if house.OPTIONS[0] in allowed and name in options:
                continue
            what = target or name.split("/")[0]
            may = ", ".join(entry for entry in allowed) or "nothing of ours"
            yield path, number, f'{room} may not include {what} ("{name}")', f"only {may}"


def doors(tree):
    """A library is named behind its own door alone."""
    for path in tree.code():
        if path.startswith("tests/"):
            continue
        for number, kind, name in tree.includes(path):
            for headers, files in house.DOORS:
                if kind == "<" and matches(name, headers) and not matches(path, files):
                    yield path, number, f"<{name}> is not to be named here", " or ".join(files)


def dead_files(tree):
    """A source file that no CMakeLists.txt names is built by nobody."""
    named = set()
    for path in tree.paths:
        if path.endswith(("CMakeLists.txt", ".cmake")):
            folder = pathlib.PurePosixPath(path).parent
            text = re.sub(r"#.*", "", tree.text(path))
            text = re.sub(r"\$\{CMAKE_CURRENT_(?:LIST|SOURCE)_DIR\}/", "", text)
            named |= {str(folder / word) for word in re.findall(r"[\w./-]+\.(?:h|cpp)(?:\.in)?\b", text)}
    included = {name for path in tree.code() for _, _, name in tree.includes(path)}
    for path in tree.code():
        if path.endswith(".h") and path in included and matches(path, house.PROGRAMS):
            continue
        if path not in named:
            yield path, 1, "no CMakeLists.txt names this file", "FILES of the room beside it, or remove it"


def licences(tree):
    """The licence stands first, after a shebang at most."""
    for path in tree.paths:
        lines = (tree.text(path) or "").split("\n")
        script = lines[0].startswith("#!")
        if not script and (not path.endswith(SPDX_ENDINGS) or tree.text(path) is None):
            continue
        first = lines[1] if script and len(lines) > 1 else lines[0]
        if SPDX not in first:
            yield path, 2 if script else 1, "no licence line", SPDX


def reveals(tree):
    """Who looks inside a secret is known by name."""
    for path in tree.code():
        if path.startswith("tests/") or path in house.REVEALERS:
            continue
        for number, line in tree.lines(path):
            if "reveal()" in line:
                yield path, number, "reveal() in a new place", "a narrower way, or add the file and its reason to house.py"
    for path in house.REVEALERS:
        if path in tree.paths and "reveal()" not in (tree.text(path) or ""):
            yield path, 1, "reveals nothing any more", "house.py without it"


def banned_words(tree):
    for path in tree.paths:
        if path.startswith("tests/tidy/"):  # they are spelt there
            continue
        for number, line in tree.lines(path):
            for pattern, what, instead in house.BANNED:
                if re.search(pattern, line):
                    yield path, number, what, instead


RULES = [include_paths, own_header_first, arrows, doors, dead_files, licences, reveals, banned_words]


def problems(root):
    tree = Tree(root)
    return [f"{path}:{line}: error: {what}, use {instead}"
            for rule in RULES for path, line, what, instead in rule(tree)]


def main(words):
    found = problems(words[0] if words else pathlib.Path(__file__).parents[2])
    print("\n".join(found) if found else "tidy")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
