"""What the programs here share: raw keys from the terminal, and a line that can be edited with them."""

import codecs
import os
import re
import select
import sys
import termios
import tty
import unicodedata

KEY = re.compile(r"\x1b\[[0-9;]*[A-Za-z~]|\x1bO.|\x1b.|[^\x1b]", re.S)


def width(text):
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def write(text):
    data = text.encode()
    while data:
        data = data[os.write(1, data) :]


class Raw:
    """The terminal without echo and line editing."""

    def __enter__(self):
        self.before = termios.tcgetattr(0)
        tty.setraw(0)
        self.decoder = codecs.getincrementaldecoder("utf-8")()
        return self

    def __exit__(self, *_):
        termios.tcsetattr(0, termios.TCSADRAIN, self.before)

    def keys(self, seconds):
        """The keys that came within a time, as soon as there are any."""
        if not select.select([0], [], [], max(0, seconds))[0]:
            return []
        return KEY.findall(self.decoder.decode(os.read(0, 4096)))


class Line:
    """A line of input with the usual keys."""

    def __init__(self):
        self.text = ""
        self.at = 0
        self.history = []
        self.past = 0

    def set(self, text, at=None):
        self.text = text
        self.at = len(text) if at is None else at

    def word_left(self):
        return len(re.sub(r"\w+\W*$|\W+$", "", self.text[: self.at]))

    def word_right(self):
        return self.at + re.match(r"\W*\w*", self.text[self.at :]).end()

    def recall(self, step):
        past = self.past + step
        if 0 <= past <= len(self.history):
            self.past = past
            self.set(self.history[-past] if past else "")

    def key(self, key):
        text, at = self.text, self.at
        if key in ("\x1b[D", "\x1bOD", "\x02"):
            self.at = max(0, at - 1)
        elif key in ("\x1b[C", "\x1bOC", "\x06"):
            self.at = min(len(text), at + 1)
        elif key in ("\x1b[H", "\x1bOH", "\x01"):
            self.at = 0
        elif key in ("\x1b[F", "\x1bOF", "\x05"):
            self.at = len(text)
        elif key in ("\x1b[A", "\x1bOA"):
            self.recall(1)
        elif key in ("\x1b[B", "\x1bOB"):
            self.recall(-1)
        elif key in ("\x1bb", "\x1b[1;5D"):
            self.at = self.word_left()
        elif key in ("\x1bf", "\x1b[1;5C"):
            self.at = self.word_right()
        elif key == "\x7f" and at > 0:
            self.set(text[: at - 1] + text[at:], at - 1)
        elif key == "\x1b[3~":
            self.set(text[:at] + text[at + 1 :], at)
        elif key == "\x17":
            start = self.word_left()
            self.set(text[:start] + text[at:], start)
        elif key == "\x15":
            self.set(text[at:], 0)
        elif key == "\x0b":
            self.set(text[:at])
        elif key.isprintable():
            self.set(text[:at] + key + text[at:], at + len(key))

    def enter(self):
        text = self.text
        if text:
            self.history.append(text)
        self.past = 0
        self.set("")
        return text


def size():
    return os.get_terminal_size(sys.stdout.fileno())
