/**
 * All that there is to know of `mosh`.
 */
import type * as Manual from "./Manual.ts"
import * as MoshOptions from "./MoshOptions.ts"

export const manual: Manual.Manual = {
  name: "mosh",
  summary: "a remote shell that stays: it survives sleep, new networks and lost packets",
  usage: [
    "mosh [options] [--] [user@]host [command...]",
    "mosh --local [options] [-- command...]",
    "mosh --doctor | --list | --kill=WHICH [options] [[user@]host]"
  ],
  examples: [
    { term: "mosh host", meaning: "a shell on host, which may be any name that ssh knows" },
    { term: "mosh user@host.example.com", meaning: "as another user" },
    {
      term: "mosh host -- tmux new -A -s main",
      meaning: "a command instead of a shell; options of its own need the -- before it"
    },
    { term: "mosh -P 2222 host", meaning: "sshd listens on TCP port 2222" },
    { term: "mosh -p 60000:60010 host", meaning: "the server may take UDP ports 60000 to 60010" },
    { term: 'mosh --ssh="ssh -i key" host', meaning: "log in with another ssh command" },
    { term: "mosh --doctor host", meaning: "why does it not connect? Try everything, and tell" },
    { term: "mosh --list host", meaning: "your sessions that run there" },
    { term: "mosh --local", meaning: "a session on this very machine, without ssh" }
  ],
  description: [
    "mosh logs in by ssh, starts mosh-server there, and then talks to it over UDP: by default on a port from 60001 to " +
      "60999, which the host's firewall has to let in. ssh is used as it is set up: aliases, keys, agents, jump hosts, " +
      "and whatever it asks for. To end a session, leave its shell, or press Ctrl-^ and then a full stop.",
    "The session stays when this machine sleeps or changes its network. When the server has not been heard for a while, " +
      "a bar on the first row says since when; nothing needs to be done.",
    "The server's end needs a mosh-server, ours or stock mosh's of version 1.2 or later, on the PATH that ssh's commands " +
      "get, which is often shorter than the one that you see there."
  ],
  groups: MoshOptions.groups,
  sections: [
    {
      title: "Keys",
      brief: true,
      entries: [
        { term: "Ctrl-^ .", meaning: "leave, and end the session" },
        {
          term: "Ctrl-^ i",
          meaning:
            "tell how the connection fares: round trip, loss, last contact, the server's address; also Ctrl-^ ?; gone " +
            "after 10 s, or when pressed again"
        },
        { term: "Ctrl-^ Ctrl-Z", meaning: "suspend; continue with fg" },
        { term: "Ctrl-^ ^", meaning: "type Ctrl-^" }
      ]
    },
    {
      title: "Command line",
      brief: true,
      text: [
        "Any option may be cut short while it stays clear which one is meant, its case does not matter where no other " +
          "option differs in nothing else, one dash is as good as two, and options may follow the host. Everything " +
          "after -- is the host, if none was named before, and the command."
      ]
    },
    {
      title: "Environment",
      brief: false,
      entries: [
        { term: "MOSH_PREDICTION_DISPLAY", meaning: "what --predict is, where that is not given" },
        { term: "MOSH_PREDICTION_OVERWRITE", meaning: "yes: as --predict-overwrite" },
        {
          term: "MOSH_LOG",
          meaning:
            "a file to which this end of the session tells what becomes of it, a JSON object a line; beyond 4 MiB it " +
            "becomes FILE.old"
        },
        {
          term: "MOSH_ESCAPE_KEY",
          meaning:
            "another escape key than Ctrl-^: one character; a printable one counts at the start of a line only; " +
            "empty: none"
        },
        { term: "MOSH_TITLE_NOPREFIX", meaning: "set: window titles do not begin with [mosh]" },
        { term: "MOSH_NO_TERM_INIT", meaning: "set: as --no-init" },
        {
          term: "LANG, LANGUAGE, LC_*",
          meaning:
            "must name a UTF-8 locale (where nothing is named, C.UTF-8 is taken), and are told to the server, which uses " +
            "them if its own locale is not UTF-8"
        },
        { term: "TERM", meaning: "how many colours the terminal shows; dumb: the session is told as plain text" },
        { term: "NO_COLOR", meaning: "set, and not empty: draw without colours" },
        { term: "MOSH_CLIENT_PID", meaning: "is set for ssh and the client: the process of mosh" }
      ]
    },
    {
      title: "Files",
      brief: false,
      entries: [
        { term: "~/.ssh/config", meaning: "whatever ssh knows of the host is used" },
        { term: "~/.hushlogin", meaning: "there: no message of the day when a session begins" },
        { term: "~/.cache/effect-mosh", meaning: "this program compiled, 1 MB, so that the next start is shorter" }
      ]
    },
    {
      title: "Exit status",
      brief: false,
      entries: [
        { term: "0", meaning: "the session was opened, and both sides know that it is over" },
        {
          term: "the command's",
          meaning: "the same, from or into a pipe, where the server is effect-mosh's; 128 + N when signal N ended it"
        },
        {
          term: "1",
          meaning: "it was opened, and the server did not confirm its end, or never answered; it may still run there"
        },
        { term: "255", meaning: "no session was opened, or nobody could be asked, and the words on stderr say why" },
        { term: "0 or 1", meaning: "with --doctor: whether a session would work" },
        { term: "128 + N", meaning: "signal N ended mosh before there was a session" },
        { term: "of ssh", meaning: "where it went on by plain ssh (--fallback=ssh)" },
        { term: "of PATH", meaning: "with --client=PATH: the client's" }
      ]
    }
  ],
  operand: "host",
  seeAlso: ["mosh-client(1)", "mosh-server(1)", "ssh(1)", "ssh_config(5)"]
}
