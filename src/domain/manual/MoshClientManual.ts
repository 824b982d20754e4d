/**
 * The manual of `mosh-client` (spec 1.11).
 */
import * as Manual from "./Manual.ts"

export const groups: ReadonlyArray<Manual.Group> = [
  {
    title: "Options",
    options: [
      {
        id: "text",
        names: ["#"],
        kind: "value",
        value: "TEXT",
        meaning: "ignored; shows mosh's command line in ps"
      },
      {
        id: "verbose",
        names: ["v"],
        kind: "flag",
        meaning:
          "log the session on stderr: handshake, round trip, losses, how it ended; after the session if stderr is the " +
          "same terminal"
      },
      {
        id: "agent",
        names: ["A"],
        kind: "flag",
        meaning:
          "programs on the server may use the authentication agent of this machine, as mosh -A, if mosh-server was started " +
          "with -@ agent"
      },
      {
        id: "local-forward",
        names: ["L"],
        kind: "value",
        value: "[ADDRESS:]PORT:HOST:HOSTPORT",
        meaning: "forward connections to this port here through the server, as mosh -L"
      },
      {
        id: "remote-forward",
        names: ["R"],
        kind: "value",
        value: "[ADDRESS:]PORT[:HOST:HOSTPORT]",
        meaning: "forward connections to this port on the server through this machine, as mosh -R"
      },
      {
        id: "dynamic-forward",
        names: ["D"],
        kind: "value",
        value: "[ADDRESS:]PORT",
        meaning: "a SOCKS proxy whose connections the server makes, as mosh -D"
      },
      { id: "colors", names: ["c"], kind: "flag", meaning: "print how many colours the terminal has, and exit" },
      { id: "help", names: ["help"], kind: "flag", meaning: "print this, and exit" },
      { id: "version", names: ["version"], kind: "flag", meaning: "print the version, and exit" }
    ]
  }
]

export const letters = Manual.letters(groups.flatMap(({ options }) => options))

export const manual: Manual.Manual = {
  name: "mosh-client",
  summary: "join a session that mosh-server has opened",
  usage: ["mosh-client [-# TEXT] [-v] [-A] [-L|-R|-D FORWARDING...] IP PORT", "mosh-client -c"],
  examples: [
    { term: "MOSH_KEY=... mosh-client 192.0.2.1 60001", meaning: "with the key and the port that mosh-server printed" },
    { term: "echo 'uname; exit' | mosh-client IP PORT", meaning: "keys from a pipe, output as plain text" }
  ],
  description: [
    "Joins the session that mosh-server has opened at IP (numeric, IPv4 or IPv6) and UDP port PORT. People usually run " +
      "mosh, which starts the server, hands over the session's key, and does what this program does.",
    "If standard input or output is a pipe or a file, the session is printed as plain text, line by line. Lines that " +
      "scroll by faster than the network carries screens are missing. When piped keys end, the client types Ctrl-D as " +
      "soon as the screen stops changing, so that a shell exits when it has run everything."
  ],
  groups,
  sections: [
    {
      title: "Keys",
      brief: true,
      text: ["Everything you type goes to the session, except after the escape key, Ctrl-^:"],
      entries: [
        { term: "Ctrl-^ .", meaning: "leave, and end the session" },
        {
          term: "Ctrl-^ d",
          meaning:
            "detach: leave, and let the session continue; prints how to attach again; needs effect-mosh's mosh-server; also " +
            "Ctrl-^ Ctrl-D, which is the only one with a printable escape key"
        },
        {
          term: "Ctrl-^ i",
          meaning:
            "show the connection's status for 10 s: round trip, loss, last contact, the server's address; press again to " +
            "hide it; also Ctrl-^ ?"
        },
        {
          term: "Ctrl-^ C",
          meaning:
            "type a command: -L, -R or -D with a forwarding adds it; -KL, -KR or -KD with its [ADDRESS:]PORT removes it"
        },
        { term: "Ctrl-^ #", meaning: "list the forwardings" },
        { term: "Ctrl-^ Ctrl-Z", meaning: "suspend; continue with fg" },
        { term: "Ctrl-^ ^", meaning: "type Ctrl-^" },
        { term: "Ctrl-L", meaning: "also redraws this terminal" }
      ]
    },
    {
      title: "Environment",
      brief: true,
      entries: [
        { term: "MOSH_KEY", meaning: "the session's key, 22 characters; required" },
        {
          term: "MOSH_LOG",
          meaning:
            "a file to which this end of the session appends its events, one JSON object per line; at 4 MiB it is " +
            "renamed to FILE.old"
        },
        {
          term: "MOSH_ESCAPE_KEY",
          meaning: "another escape key, one character; a printable one works only at the start of a line; empty: none"
        },
        {
          term: "MOSH_PREDICTION_DISPLAY",
          meaning:
            "when typing shows before the server has echoed it: adaptive (default; where the round trip takes 20 ms or " +
            "more), always, never, or experimental (always, and without waiting for a first echo)"
        },
        { term: "MOSH_PREDICTION_OVERWRITE", meaning: "yes: predicted typing overwrites the text under the cursor" },
        { term: "MOSH_TITLE_NOPREFIX", meaning: "set: window titles do not begin with [mosh]" },
        {
          term: "MOSH_NO_TERM_INIT",
          meaning: "set: do not switch to the alternate screen for sessions without scrollback"
        },
        {
          term: "MOSH_EVENTS",
          meaning:
            "what of a session reaches the terminal beside the screen: all (default), none, or some of bells, clipboard, " +
            "notifications and properties (directory, progress, pointer, variables, colours, marks), separated by commas"
        },
        {
          term: "MOSH_IMAGES",
          meaning:
            "images of a session: auto (shown where the terminal shows images; default), or off (grey boxes instead)"
        },
        {
          term: "MOSH_SCROLLBACK",
          meaning:
            "where rows that scroll off go: auto (into the terminal's own history, if the server keeps one; default), or " +
            "off (nowhere: the session is shown on the alternate screen)"
        },
        { term: "NO_COLOR", meaning: "set, and not empty: draw without colours" },
        { term: "TERM", meaning: "dumb: the session is printed as plain text" }
      ]
    },
    {
      title: "Exit status",
      brief: true,
      entries: [
        { term: "0", meaning: "both sides know that the session is over" },
        { term: "1", meaning: "anything else" }
      ]
    }
  ],
  operand: "none",
  seeAlso: ["mosh(1)", "mosh-server(1)"]
}
