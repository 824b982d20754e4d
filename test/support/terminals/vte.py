# A VTE terminal of some columns and rows with a command in it. Prints its screen as JSON for every line that it reads.
import json
import sys

import gi

gi.require_version("Gtk", "3.0")
gi.require_version("Vte", "2.91")
from gi.repository import GLib, Gtk, Vte

columns, rows = int(sys.argv[1]), int(sys.argv[2])
terminal = Vte.Terminal()
terminal.set_size(columns, rows)
window = Gtk.Window()
window.add(terminal)
window.show_all()
terminal.spawn_async(
    Vte.PtyFlags.DEFAULT, None, sys.argv[3:], None, GLib.SpawnFlags.DEFAULT, None, None, -1, None, None
)
terminal.connect("child-exited", lambda *_: Gtk.main_quit())


def on_line(channel, _):
    if not channel.readline():
        Gtk.main_quit()
        return False
    # The screen is below what was scrolled.
    top = int(terminal.get_vadjustment().get_upper()) - rows
    lines = [terminal.get_text_range(y, 0, y, columns, None)[0].rstrip("\n") for y in range(top, top + rows)]
    print(json.dumps(lines), flush=True)
    return True


GLib.io_add_watch(sys.stdin, GLib.PRIORITY_DEFAULT, GLib.IOCondition.IN | GLib.IOCondition.HUP, on_line)
Gtk.main()
