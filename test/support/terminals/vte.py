# A VTE terminal of some columns and rows with a command in it. Prints JSON for every line that it reads: the rows of its
# screen for "screen", those of its history as well for "all", and nothing of note for "resize COLUMNS ROWS".
import json
import sys

import gi

gi.require_version("Gtk", "3.0")
gi.require_version("Vte", "2.91")
from gi.repository import GLib, Gtk, Vte

terminal = Vte.Terminal()
terminal.set_scrollback_lines(20000)
terminal.set_size(int(sys.argv[1]), int(sys.argv[2]))
window = Gtk.Window()
window.add(terminal)
window.show_all()


def fit():
    cells = terminal.get_column_count(), terminal.get_row_count()
    window.resize(cells[0] * terminal.get_char_width() + 2, cells[1] * terminal.get_char_height() + 2)


fit()
terminal.spawn_async(
    Vte.PtyFlags.DEFAULT, None, sys.argv[3:], None, GLib.SpawnFlags.DEFAULT, None, None, -1, None, None
)
terminal.connect("child-exited", lambda *_: Gtk.main_quit())


def on_line(channel, _):
    words = channel.readline().split()
    if not words:
        Gtk.main_quit()
        return False
    if words[0] == "resize":
        terminal.set_size(int(words[1]), int(words[2]))
        fit()
        print("[]", flush=True)
        return True
    # The screen is below what was scrolled.
    rows = terminal.get_row_count()
    end = int(terminal.get_vadjustment().get_upper())
    start = int(terminal.get_vadjustment().get_lower()) if words[0] == "all" else end - rows
    columns = terminal.get_column_count()
    lines = [terminal.get_text_range(y, 0, y, columns, None)[0].rstrip("\n") for y in range(start, end)]
    print(json.dumps(lines), flush=True)
    return True


GLib.io_add_watch(sys.stdin, GLib.PRIORITY_DEFAULT, GLib.IOCondition.IN | GLib.IOCondition.HUP, on_line)
Gtk.main()
