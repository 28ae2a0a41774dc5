# SPDX-License-Identifier: GPL-3.0-or-later
"""What the demo shows: colours and a live line on a terminal, plain lines elsewhere."""
import sys
import time

START = time.monotonic()


class Screen:
    def __init__(self):
        self.terminal = sys.stdout.isatty()
        self.live = False

    def _paint(self, code, text):
        return f"\x1b[{code}m{text}\x1b[0m" if self.terminal else text

    def _clear_live(self):
        if self.live:
            sys.stdout.write("\r\x1b[K")
            self.live = False

    def _line(self, text):
        self._clear_live()
        print(f"{self._paint('2', f'{time.monotonic() - START:6.1f}s')}  {text}", flush=True)

    def title(self, text):
        self._clear_live()
        print(flush=True)
        self._line(self._paint("1;36", text))

    def say(self, text):
        self._line("  " + text)

    def good(self, text):
        self._line(self._paint("32", "  ✔ ") + text)

    def bad(self, text):
        self._line(self._paint("1;31", "  ✘ ") + text)

    def progress(self, text, part):
        """A line that stays in place on a terminal; nothing elsewhere."""
        if not self.terminal:
            return
        width = 30
        filled = int(width * max(0.0, min(1.0, part)))
        bar = self._paint("32", "█" * filled) + self._paint("2", "░" * (width - filled))
        sys.stdout.write(f"\r\x1b[K          {bar} {text}")
        sys.stdout.flush()
        self.live = True

    def table(self, rows):
        self._clear_live()
        print()
        left = max(len(name) for name, _ in rows)
        right = max(len(str(value)) for _, value in rows)
        rule = "  +" + "-" * (left + 2) + "+" + "-" * (right + 2) + "+"
        print(rule)
        for name, value in rows:
            print(f"  | {name:<{left}} | {value!s:>{right}} |")
        print(rule, flush=True)
