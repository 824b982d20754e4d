"""Asks for a password and shows a star for each character."""

import sys

from terminal import Raw, write

with Raw() as terminal:
    for _ in range(3):
        typed = ""
        write("Passphrase for the key: ")
        while "\r" not in typed:
            for key in terminal.keys(9):
                if key == "\x03":
                    write("\r\n")
                    sys.exit(1)
                if key == "\x7f":
                    write("\b \b" * min(1, len(typed)))
                    typed = typed[:-1]
                elif key == "\x15":
                    write("\b \b" * len(typed))
                    typed = ""
                else:
                    typed += key
                    write("" if key == "\r" else "*")
        write("\r\n")
        if typed == sys.argv[1] + "\r":
            write("Unlocked.\r\n")
            sys.exit()
        write("Wrong passphrase.\r\n")
sys.exit(1)
