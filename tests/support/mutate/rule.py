# SPDX-License-Identifier: GPL-3.0-or-later
"""What a rule is, and where in the code it fits."""
import dataclasses
import pathlib
import re

TOKEN = re.compile(r"\w+|[^\w\s]")


@dataclasses.dataclass(frozen=True)
class Rule:
    """A mistake: in the one place under `where` that reads `old`, write `new`.

    White space does not count, so that code may move and be formatted anew; within a folder it may also move to another
    file. Each of `tests` is "TARGET FILTER", a GoogleTest program and its --gtest_filter, or "TARGET --OPTION …", any
    program. One of them has to fail.
    """
    name: str
    where: str
    old: str
    new: str
    tests: tuple
    seconds: int = 120  # for each test; one that takes longer hangs, and so has noticed

    def pattern(self):
        """The tokens of `old`, with any white space between them, and some between two words."""
        tokens = TOKEN.findall(self.old)
        pattern = re.escape(tokens[0])
        for before, token in zip(tokens, tokens[1:]):
            words = re.match(r"\w", before) and re.match(r"\w", token)
            pattern += (r"\s+" if words else r"\s*") + re.escape(token)
        begins = r"\b" if re.match(r"\w", tokens[0]) else ""
        ends = r"\b" if re.match(r"\w", tokens[-1]) else ""
        return re.compile(begins + pattern + ends)

    def files(self, root):
        place = pathlib.Path(root) / self.where
        if place.is_file():
            return [place]
        return sorted(path for path in place.rglob("*") if path.suffix in (".h", ".cpp"))

    def places(self, root):
        """(file, begin, end) of each text that reads `old`."""
        pattern = self.pattern()
        for path in self.files(root):
            for found in pattern.finditer(path.read_text()):
                yield path, found.start(), found.end()

    def problem(self, root):
        """Why it does not fit the code below `root`; empty when it does."""
        count = len(list(self.places(root)))
        if count != 1:
            return f"fits {count} places in {self.where} instead of one: {' '.join(self.old.split())}"
        if TOKEN.findall(self.old) == TOKEN.findall(self.new):
            return "changes nothing"
        return "" if self.tests else "names no test"
