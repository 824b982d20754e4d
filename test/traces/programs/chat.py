"""A chat: what others say scrolls by in a region above, and a line of input stays below, as irssi draws them."""

import sys
import time

from terminal import Line, Raw, size, width, write

LOG_S = 0.05
PROMPT = "[#garden] "
NAMES = ["anna", "bela", "chris", "doro"]
TOPICS = ["beans", "compost", "tomatoes", "the frost", "rhubarb", "slugs", "the old fence"]
ROOM = size().columns - len(PROMPT) - 1
ROWS = size().lines


class Chat:
    def __init__(self):
        self.line = Line()
        self.shown = 0
        self.said = 0

    def log(self, text):
        """Adds a line to the region, and leaves the cursor where it was."""
        minute, second = divmod(self.said // 20, 60)
        stamp = f"\x1b[2m12:{minute:02}:{second:02}\x1b[0m"
        write(f"\x1b7\x1b[1;{ROWS - 2}r\x1b[{ROWS - 2};1H\r\n{stamp} {text}\x1b[r\x1b8")

    def tick(self):
        self.said += 1
        name = NAMES[self.said * 7 % 4]
        topic = TOPICS[self.said * 5 % 7]
        self.log(f"<\x1b[3{1 + self.said * 7 % 4}m{name}\x1b[0m> line {self.said} about {topic}")

    def status(self):
        bar = f" 12:00 [user] [1:#garden] {len(self.line.history)} said ".ljust(size().columns)
        write(f"\x1b7\x1b[{ROWS - 1};1H\x1b[44;37m{bar}\x1b[0m\x1b8")

    def input(self):
        """Draws the line of input, scrolled by half when the cursor would leave it."""
        at = width(self.line.text[: self.line.at])
        if at < self.shown or at >= self.shown + ROOM:
            self.shown = max(0, at - ROOM // 2)
        text, skipped = self.line.text, 0
        while skipped < self.shown:
            skipped += width(text[0])
            text = text[1:]
        while width(text) > ROOM:
            text = text[:-1]
        write(f"\x1b[{ROWS};{len(PROMPT) + 1}H{text}\x1b[K\x1b[{ROWS};{len(PROMPT) + 1 + at - skipped}H")

    def typed(self, key):
        line = self.line
        if key == "\r":
            text = line.enter()
            if text == "/quit":
                sys.exit()
            self.log(f"<\x1b[1muser\x1b[0m> {text}")
            self.status()
            return self.input()
        before, shown = line.text, self.shown
        line.key(key)
        at = width(line.text)
        if line.text == before + key and at < shown + ROOM:
            return write(key)
        self.input()

    def run(self, terminal):
        write(f"\x1b[2J\x1b[{ROWS};1H{PROMPT}")
        self.status()
        next = time.monotonic()
        while True:
            for key in terminal.keys(next - time.monotonic()):
                self.typed(key)
            if time.monotonic() >= next:
                self.tick()
                next += LOG_S


with Raw() as terminal:
    try:
        Chat().run(terminal)
    finally:
        write("\x1b[r\x1b[2J\x1b[H")
