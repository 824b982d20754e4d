/**
 * The manual of `mosh`.
 */
import type * as Manual from "./Manual.ts"
import * as MoshOptions from "./MoshOptions.ts"

export const manual: Manual.Manual = {
  name: "mosh",
  summary: "a remote shell that stays: it survives sleep, new networks and lost packets",
  usage: [
    "mosh [options] [--] [user@]host [command...]",
    "mosh --local [options] [-- command...]",
    "mosh -T [ssh's options] [user@]host [command...]",
    "mosh --doctor | --list | --kill=WHICH [options] [[user@]host]"
  ],
  examples: [
    { term: "mosh host", meaning: "a shell on host, which may be any name that ssh knows" },
    { term: "mosh user@host.example.com", meaning: "as another user" },
    {
      term: "mosh host -- tmux new -A -s main",
      meaning: "a command instead of a shell; -- keeps its options from mosh"
    },
    { term: "mosh -L 8080:localhost:80 host", meaning: "port 8080 here is port 80 there, as with ssh" },
    { term: "mosh -P 2222 host", meaning: "sshd listens on TCP port 2222" },
    { term: "mosh -p 60000:60010 host", meaning: "the server may take UDP ports 60000 to 60010" },
    { term: 'mosh --ssh="ssh -i key" host', meaning: "log in with another ssh command" },
    { term: 'rsync -a -e "mosh -T" dir/ host:dir/', meaning: "mosh in place of ssh; also scp -S mosh, sftp -S mosh" },
    { term: "mosh --doctor host", meaning: "find out why it does not connect" },
    { term: "mosh --session=work host", meaning: "a session to return to: attach to it, or start it" },
    { term: "mosh --list host", meaning: "list your sessions there" },
    { term: "mosh --local", meaning: "a session on this very machine, without ssh" }
  ],
  description: [
    "mosh logs in by ssh, starts mosh-server there, and then talks to it over UDP: by default on a port from 60001 to " +
      "60999, which the host's firewall must let in. Your ssh configuration applies: aliases, keys, agents, jump hosts, " +
      "and prompts. To end a session, leave its shell, or press Ctrl-^ and then a full stop (a session with a name then stays).",
    "The session stays when this machine sleeps or changes its network. When the server does not answer for a while, " +
      "a bar on the first row shows for how long; you need not do anything. While UDP is blocked, ssh carries the session " +
      "(mosh-server relay on the host), and the bar asks for a password if ssh needs one: Enter answers, Ctrl-C declines.",
    "The server's end needs a mosh-server, ours or stock mosh's of version 1.2 or later, on the PATH that ssh's commands " +
      "get. That PATH is often shorter than your login shell's."
  ],
  groups: MoshOptions.groups,
  sections: [
    {
      title: "Keys",
      brief: true,
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
        { term: "Ctrl-^ ^", meaning: "type Ctrl-^" }
      ]
    },
    {
      title: "Command line",
      brief: true,
      text: [
        "Options may be abbreviated as long as they stay unambiguous. Upper and lower case are the same, except where " +
          "two options differ only in case. One dash works like two. Options may follow the host. After -- come the " +
          "host, if it was not named before, and the command."
      ]
    },
    {
      title: "Commands without a terminal",
      brief: false,
      text: [
        "mosh -T [user@]host command does what ssh -T does: the command's input, output and standard error are raw bytes, its " +
          "exit status becomes mosh's, and SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1 and SIGUSR2 are sent to it. It goes on " +
          "when this machine sleeps or changes its network, and ends when mosh does. Both ends must be effect-mosh's.",
        "With -T, with -N beside -L, -R or -D, and after the -x or -oNAME with which scp and sftp begin, single letters have " +
          "ssh's meaning: -l, -p, -o, -i, -F, -J, -4, -6, -C, -c, -m, -b, -B, -E, -I, -K, -k, -q, -v, -x are passed to the ssh that logs in; -n gives the " +
          "command no input; -s runs a subsystem (sftp); -A, -a and -g are as in ssh; -L, -R and -D forward, until the command " +
          "has ended and its last forwarded connection too; with -N there is no command, and mosh forwards until it is ended; " +
          "-G prints ssh's settings; -e, -T and -y change nothing. mosh's " +
          "own options are long there, with = before the value. Variables are sent as SendEnv and SetEnv of ssh's " +
          "configuration request. Without a command, a login shell reads the input.",
        "The exit status is 255 if mosh failed, and if a signal ended the command, as with ssh."
      ]
    },
    {
      title: "Environment",
      brief: false,
      entries: [
        { term: "MOSH_PREDICTION_DISPLAY", meaning: "the default of --predict" },
        { term: "MOSH_DETACHABLE", meaning: "1: as --detachable" },
        { term: "MOSH_SESSION", meaning: "set in a session: its name, or its ID" },
        { term: "MOSH_PREDICTION_OVERWRITE", meaning: "yes: as --predict-overwrite" },
        {
          term: "MOSH_LOG",
          meaning:
            "a file to which this end of the session appends its events, one JSON object per line; at 4 MiB it is " +
            "renamed to FILE.old"
        },
        {
          term: "MOSH_ESCAPE_KEY",
          meaning:
            "another escape key than Ctrl-^: one character; a printable one counts at the start of a line only; " +
            "empty: none"
        },
        { term: "MOSH_AGENT_QUIET", meaning: "1: with -A, do not show when the server asks the agent for a signature" },
        { term: "MOSH_TITLE_NOPREFIX", meaning: "set: window titles do not begin with [mosh]" },
        { term: "MOSH_NO_TERM_INIT", meaning: "set: as --no-init" },
        {
          term: "MOSH_EVENTS",
          meaning:
            "what of a session reaches the terminal beside the screen: all (default), none, or some of bells, clipboard, " +
            "notifications and properties (directory, progress, pointer, variables, colours, marks), separated by commas"
        },
        { term: "MOSH_IMAGES", meaning: "auto: show images where the terminal does; off: grey boxes instead" },
        { term: "MOSH_SCROLLBACK", meaning: "the default of --scrollback: auto or off" },
        {
          term: "LANG, LANGUAGE, LC_*",
          meaning:
            "must name a UTF-8 locale (default: C.UTF-8); mosh passes them to the server, which uses them if its own " +
            "locale is not UTF-8"
        },
        { term: "TERM", meaning: "how many colours the terminal shows; dumb: the session is printed as plain text" },
        {
          term: "COLORTERM",
          meaning: "truecolor or 24bit: the session's programs get the same value (TERM is xterm-256color or xterm)"
        },
        { term: "NO_COLOR", meaning: "set, and not empty: draw without colours" },
        { term: "MOSH_CLIENT_PID", meaning: "set for ssh and the client: the process id of mosh" }
      ]
    },
    {
      title: "Files",
      brief: false,
      entries: [
        { term: "~/.ssh/config", meaning: "ssh's settings for the host apply" },
        { term: "~/.hushlogin", meaning: "if it exists: no message of the day when a session begins" },
        { term: "~/.cache/effect-mosh", meaning: "this program compiled, 1 MB, for a faster start" }
      ]
    },
    {
      title: "Exit status",
      brief: false,
      entries: [
        { term: "0", meaning: "the session was opened, and both sides know that it is over" },
        {
          term: "the command's",
          meaning: "with input or output through a pipe, and a server of effect-mosh; 128 + N when signal N ended it"
        },
        {
          term: "1",
          meaning: "it was opened, and the server did not confirm its end, or never answered; it may still run there"
        },
        { term: "255", meaning: "no session was opened, or the host could not be asked; stderr says why" },
        { term: "the command's, or 255", meaning: "with -T" },
        { term: "0 or 1", meaning: "with --doctor: whether a session would work" },
        { term: "128 + N", meaning: "signal N ended mosh before there was a session" },
        { term: "ssh's", meaning: "after falling back to plain ssh (--fallback=ssh)" },
        { term: "the client's", meaning: "with --client=PATH" }
      ]
    }
  ],
  operand: "host",
  seeAlso: ["mosh-client(1)", "mosh-server(1)", "ssh(1)", "ssh_config(5)"]
}
