/**
 * The manual of `mosh-server` (spec 1.5).
 */
import * as Manual from "./Manual.ts"

export const groups: ReadonlyArray<Manual.Group> = [
  {
    title: "Options",
    options: [
      {
        id: "ssh",
        names: ["s"],
        kind: "flag",
        meaning: "answer from the address that the ssh connection reached, and listen at all"
      },
      { id: "address", names: ["i"], kind: "value", value: "LOCALADDR", meaning: "listen at this address only" },
      {
        id: "port",
        names: ["p"],
        kind: "value",
        value: "PORT[:PORT2]",
        meaning: "the UDP port, or a range to choose from (default: 60001:60999); 0 lets the system choose"
      },
      {
        id: "colors",
        names: ["c"],
        kind: "value",
        value: "COLORS",
        meaning: "how many colours the client's terminal has; 256 makes TERM xterm-256color, else xterm"
      },
      {
        id: "locale",
        names: ["l"],
        kind: "value",
        value: "NAME=VALUE",
        meaning: "a locale variable, used when the locale here is not UTF-8"
      },
      { id: "verbose", names: ["v"], kind: "flag", meaning: "stay attached to stdin, stdout and stderr" },
      {
        id: "more",
        names: ["@"],
        kind: "value",
        value: "ANY",
        meaning:
          "commands: run commands without a terminal for the client (mosh -T); agent: programs may use the client's agent " +
          "(mosh -A); anything else that mosh of this version does not send is ignored"
      },
      { id: "list", names: ["list"], kind: "flag", meaning: "list your sessions on this machine, stock mosh's too" },
      { id: "json", names: ["json"], kind: "flag", meaning: "with --list: as JSON, for scripts" },
      {
        id: "kill",
        names: ["kill"],
        kind: "value",
        value: "WHICH",
        meaning: "end one of them, by its name or ID; all: all that have no client"
      },
      {
        id: "force",
        names: ["force"],
        kind: "flag",
        meaning: "with --kill=all: also those with a client, and stock mosh's"
      },
      { id: "help", names: ["h", "help"], kind: "flag", meaning: "print this, and exit" },
      { id: "version", names: ["version"], kind: "flag", meaning: "print the version, and exit" }
    ]
  }
]

const OPTIONS = groups.flatMap(({ options }) => options)

/** `-h` is recognised before the options are parsed, so it is not one of them (spec 1.5). */
export const letters = Manual.letters(OPTIONS.filter(({ id }) => id !== "help"))

export const manual: Manual.Manual = {
  name: "mosh-server",
  summary: "start a session for one client, and leave it running",
  usage: [
    "mosh-server new [-s] [-v] [-i LOCALADDR] [-p PORT[:PORT2]] [-c COLORS] [-l NAME=VALUE] [-- COMMAND...]",
    "mosh-server session NAME [new] [options] [-- COMMAND...]",
    "mosh-server attach [--share | --view] [WHICH] [new] [options]",
    "mosh-server relay PORT 1",
    "mosh-server [IP [PORT]]",
    "mosh-server --list | --kill=WHICH"
  ],
  examples: [
    { term: "mosh-server new -p 60010", meaning: "a login shell, to be reached on UDP port 60010" },
    { term: "mosh-server session work", meaning: "the session called work: one more client for it, or a new session" },
    { term: "mosh-server new -- tmux new -A", meaning: "a command instead of a login shell" },
    { term: "pgrep -af mosh-server", meaning: "the sessions that run" },
    { term: "ss -ulpn | grep mosh-server", meaning: "their ports" }
  ],
  description: [
    'Starts a session for one client, prints "MOSH CONNECT port key", and leaves the session running. People usually ' +
      "run mosh, which starts this program through ssh and hands the port and the key to the client.",
    "A session ends with its program, with SIGTERM, when its client leaves, or a minute after its start if no client came. " +
      "A session with a name does not end when its client leaves.",
    "session and attach let one more client attach to a session that runs: each client gets a port and a key of its own, and " +
      'the former client ends. Stock mosh attaches with --server="mosh-server session work".',
    "relay carries the datagrams of the session on this port through standard input and output, for mosh --transport=ssh. 1 is " +
      "the version of its protocol."
  ],
  groups,
  sections: [
    {
      title: "Environment",
      brief: true,
      entries: [
        {
          term: "MOSH_SERVER_NETWORK_TMOUT",
          meaning:
            "end the session after so many seconds without a client (default: 2592000, which is 30 days; 0: never)"
        },
        {
          term: "MOSH_SERVER_SIGNAL_TMOUT",
          meaning: "let SIGUSR1 end the session only after so many seconds without a client"
        },
        {
          term: "MOSH_SERVER_SCROLLBACK",
          meaning: "how many rows that scrolled off the screen to keep for the client (default: 10000; 0: none)"
        },
        {
          term: "MOSH_SERVER_FORWARDING",
          meaning:
            "what to forward for the client: yes (default), no, local (only connections that it asks for: -L, -D), or remote " +
            "(only listeners here: -R)"
        },
        {
          term: "MOSH_SERVER_MAX_DETACHED",
          meaning: "with so many sessions without a client, a user can start no further one (default and 0: no limit)"
        },
        { term: "MOSH_DETACHABLE", meaning: "1: sessions without a name also keep running after their client left" },
        { term: "MOSH_SESSION", meaning: "set for the session's program: the session's name, or its ID" },
        {
          term: "MOSH_LOG",
          meaning:
            "a file to which this end of the session appends its events, one JSON object per line; at 4 MiB it is " +
            "renamed to FILE.old"
        },
        { term: "SSH_CONNECTION", meaning: "with -s: the third word is the address to answer from" },
        { term: "SHELL", meaning: "the shell to run (default: the account's)" },
        { term: "COLORTERM", meaning: "set for the session's program, if -l names truecolor or 24bit" },
        {
          term: "LANG, LC_*",
          meaning: "the locale; if it is not UTF-8, that of -l; if that is not UTF-8 either, C.UTF-8"
        }
      ]
    },
    {
      title: "Files",
      brief: false,
      entries: [
        { term: "/run/motd.dynamic, /etc/motd", meaning: "shown before a login shell" },
        { term: "~/.hushlogin", meaning: "if it exists: they are not shown" },
        { term: "~/.local/state/effect-mosh/HOST/ended.log", meaning: "why sessions ended" },
        { term: "~/.cache/effect-mosh", meaning: "this program compiled, 1 MB, for a faster start" }
      ]
    },
    {
      title: "Exit status",
      brief: true,
      entries: [
        { term: "0", meaning: "the session runs" },
        { term: "1", meaning: "it does not; stderr says why" },
        { term: "3", meaning: "with relay: no session of this user has the port" }
      ]
    }
  ],
  operand: "none",
  firstWords: ["new", "session", "attach", "relay"],
  seeAlso: ["mosh(1)", "mosh-client(1)", "loginctl(1)"]
}
