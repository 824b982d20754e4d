"""A coding agent's prompt, as if built with Ink: at each change, all lines below the printed ones are drawn anew.

With `--caret`, the terminal's cursor is hidden and parked below, the caret is a cell in reverse, an empty box shows a
hint, and an answer is printed when it is whole.
"""

import sys
import time

from terminal import Line, Raw, size, width, write

CARET = "--caret" in sys.argv
FRAME_S = 0.016
SPIN_S = 0.08
THINK_S = 0.8
WORD_S = 0.09
SPINNER = "·✢✳✶✻✽"
DIM, RESET, BLUE, ORANGE, REVERSE = "\x1b[2m", "\x1b[0m", "\x1b[34m", "\x1b[38;5;173m", "\x1b[7m"
ANSWERS = [
    "The tests fail because the clock is read twice: once before the cache is filled and once after. "
    "I would pass the time in as an argument, so that both see the same moment.",
    "I found three places that parse the date by hand. Two of them forget the time zone. "
    "A small function in one module would do for all, and the tests could name the zones.",
    "Done. The function now returns an empty list when there is nothing to water, and the caller no longer "
    "checks for a missing value. All tests pass.",
    "The loop is quadratic, since each round searches the list from its start. "
    "With a dictionary from names to plants it is linear, and the code gets shorter too.",
]


def wrap(text, columns):
    """Lines of at most so many columns, broken anywhere, as the box does."""
    lines = [""]
    for c in text:
        if width(lines[-1]) + width(c) > columns:
            lines.append("")
        lines[-1] += c
    return lines


def fold(text, columns):
    """Lines of at most so many columns, broken between words."""
    lines = [""]
    for word in text.split(" "):
        if lines[-1] and width(lines[-1]) + 1 + width(word) > columns:
            lines.append("")
        lines[-1] += (" " if lines[-1] else "") + word
    return lines


class Agent:
    def __init__(self):
        self.line = Line()
        self.waiting = []
        self.asked = 0
        self.answer = None
        self.since = 0
        self.height = 0
        self.up = 0

    def spinning(self, now):
        spent = now - self.since
        star = SPINNER[int(spent / SPIN_S) % len(SPINNER)]
        return f"{ORANGE}{star} Thinking… {RESET}{DIM}({int(spent)}s · esc to interrupt){RESET}"

    def words(self, now):
        said = int((now - self.since - THINK_S) / WORD_S)
        return self.answer.split(" ")[: max(0, said)]

    def box(self):
        """The lines of the box, and where in them the cursor is: rows from its top, and the column."""
        inner = size().columns - 4
        room = inner - 3
        text, at = self.line.text, self.line.at
        before = wrap(text[:at] + "\0", room)
        row, column = len(before) - 1, width(before[-1]) - 1
        lines = wrap(text, room)
        while len(lines) <= row:
            lines.append("")
        drawn = []
        for y, content in enumerate(lines):
            pad = " " * (room - width(content))
            shown = content + pad
            if CARET and not text:
                hint = "Ask anything…"
                shown = f"{REVERSE}{hint[0]}{RESET}{DIM}{hint[1:]}{RESET}" + " " * (room - len(hint))
            elif CARET and y == row:
                x = len(before[-1]) - 1
                cell = content[x : x + 1] or " "
                shown = content[:x] + REVERSE + cell + RESET + content[x + 1 :] + (pad if x < len(content) else pad[1:])
            drawn.append(f"{DIM}│{RESET} {'>' if y == 0 else ' '} {shown} {DIM} │{RESET}")
        edge = "─" * (inner + 2)
        return [f"{DIM}╭{edge}╮{RESET}", *drawn, f"{DIM}╰{edge}╯{RESET}"], row + 1, column + 4

    def draw(self, now, printed=()):
        """Erases what was drawn, prints lines that stay, and draws all others again."""
        lines = []
        if self.answer is not None:
            words = [] if CARET else self.words(now)
            if words:
                lines += ["", *("  " + line for line in fold(" ".join(words), size().columns - 4))]
            lines += ["", self.spinning(now)]
        lines += [f"{DIM}  waiting: {text}{RESET}" for text in self.waiting]
        lines.append("")
        box, row, column = self.box()
        top = len(lines) + row
        lines += [*box, f"{DIM}  ? for shortcuts{RESET}"]
        out = f"\x1b[{self.up}B" if self.up else ""
        out += "\x1b[2K" + "\x1b[1A\x1b[2K" * self.height + "\x1b[G" if self.height else ""
        out += "".join(line + "\r\n" for line in [*printed, *lines])
        self.height = len(lines)
        self.up = 0
        if not CARET:
            self.up = len(lines) - top
            out += f"\x1b[{self.up}A\x1b[{column + 1}G"
        write(out)

    def ask(self, text, now):
        self.answer = ANSWERS[self.asked % len(ANSWERS)]
        self.asked += 1
        self.since = now
        return ["", *(f"{BLUE}{mark} {line}{RESET}" for mark, line in zip(">" + " " * 99, fold(text, size().columns - 4)))]

    def run(self, terminal):
        write("\x1b[?25l" if CARET else "")
        hello = f"{ORANGE}✻{RESET} Welcome. {DIM}Type a question, or exit to leave.{RESET}"
        self.draw(time.monotonic(), [hello])
        drawn = frame = time.monotonic()
        dirty = False
        while True:
            now = time.monotonic()
            due = drawn + FRAME_S if dirty else frame + SPIN_S if self.answer is not None else now + 9
            keys = terminal.keys(due - now)
            now = time.monotonic()
            printed = []
            for key in keys:
                dirty = True
                if key != "\r":
                    self.line.key(key)
                    continue
                text = self.line.enter()
                if text == "exit":
                    return self.draw(now)
                if text and self.answer is not None:
                    self.waiting.append(text)
                elif text:
                    printed += self.ask(text, now)
            if self.answer is not None:
                whole = now - self.since >= THINK_S if CARET else self.words(now) == self.answer.split(" ")
                if whole:
                    printed += ["", *("  " + line for line in fold(self.answer, size().columns - 4))]
                    self.answer = None
                    if self.waiting:
                        printed += self.ask(self.waiting.pop(0), now)
                    dirty = True
                elif now - frame >= SPIN_S:
                    dirty = True
            if printed or (dirty and now - drawn >= FRAME_S):
                if now - frame >= SPIN_S:
                    frame = now
                self.draw(now, printed)
                drawn, dirty = now, False


with Raw() as terminal:
    try:
        Agent().run(terminal)
    finally:
        write("\x1b[?25h\r\n")
