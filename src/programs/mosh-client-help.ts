/**
 * What `mosh-client --help` says.
 */
export const USAGE = `Usage: mosh-client [-# TEXT] [-v] IP PORT
       mosh-client -c`

export const HELP = `${USAGE}

Joins the session that mosh-server has opened at IP (numeric, IPv4 or IPv6) and
UDP port PORT. People usually run mosh, which starts the server, hands over the
session's key, and runs this program.

  -# TEXT     ignored; shows in ps what mosh was asked for
  -v          tell on stderr, after the session, what became of its datagrams
              and predictions
  -c          print how many colours the terminal has, and exit
  --help      print this, and exit
  --version   print the version, and exit

Keys. Everything you type goes to the session, but for the escape key, Ctrl-^:
  Ctrl-^ .       leave, and end the session
  Ctrl-^ Ctrl-Z  suspend; continue with fg
  Ctrl-^ ^       type Ctrl-^
Ctrl-L also paints this terminal anew.

Environment
  MOSH_KEY                 the session's key, 22 characters; needed
  MOSH_ESCAPE_KEY          another escape key, one character; a printable one
                           counts at the start of a line only; empty: none
  MOSH_PREDICTION_DISPLAY  when typing shows before the server has echoed it:
                           adaptive (default; where the round trip takes 20 ms
                           or more), always, never, or experimental (always,
                           and without waiting for a first echo)
  MOSH_PREDICTION_OVERWRITE
                           yes: what is typed replaces what it is typed over
  MOSH_TITLE_NOPREFIX      set: window titles do not begin with [mosh]
  MOSH_NO_TERM_INIT        set: do not switch to the alternate screen

Without a terminal. If keys or pictures go through a pipe or a file, the session
is told as plain text, line by line; what scrolls by faster than the network
carries screens is not in it. When piped keys end, Ctrl-D is typed as soon as
the screen is still, so that a shell leaves when it has run everything:

  echo 'uname; exit' | mosh-client IP PORT

Exit status: 0 when both sides know that the session is over, else 1.`
