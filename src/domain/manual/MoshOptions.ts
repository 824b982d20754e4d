/**
 * The options of `mosh`: all of stock mosh's (spec 1.1), and those that stock does not have (`late`: abbreviations keep the
 * meaning that they have in stock mosh).
 */
import { PREFERENCES } from "../client/ScrollbackPreference.ts"
import type * as Manual from "./Manual.ts"

export type OptionId =
  | "agent"
  | "always"
  | "attach"
  | "share"
  | "view"
  | "bind-server"
  | "dynamic-forward"
  | "client"
  | "detachable"
  | "doctor"
  | "fake-proxy"
  | "fallback"
  | "family"
  | "help"
  | "inet"
  | "inet6"
  | "init"
  | "force"
  | "forwarding"
  | "json"
  | "kill"
  | "list"
  | "local"
  | "local-forward"
  | "never"
  | "no-terminal"
  | "port"
  | "predict"
  | "predict-overwrite"
  | "remote-forward"
  | "remote-ip"
  | "scrollback"
  | "server"
  | "session"
  | "ssh"
  | "ssh-port"
  | "ssh-pty"
  | "transport"
  | "verbose"
  | "version"

export const FAMILIES = ["inet", "inet6", "auto", "all", "prefer-inet", "prefer-inet6"] as const
export const FALLBACKS = ["ssh"] as const
export const TRANSPORTS = ["auto", "udp", "ssh"] as const
export const ADDRESS_SOURCES = ["proxy", "local", "remote"] as const

export const groups: ReadonlyArray<Manual.Group<OptionId>> = [
  {
    title: "Getting there",
    options: [
      {
        id: "ssh-port",
        names: ["ssh-port", "P"],
        kind: "value",
        late: true,
        value: "PORT",
        meaning: "the TCP port on which sshd listens there"
      },
      {
        id: "ssh",
        names: ["ssh"],
        kind: "value",
        value: "COMMAND",
        completes: "command",
        meaning: "the ssh command, which may include options (default: ssh)"
      },
      {
        id: "ssh-pty",
        names: ["ssh-pty"],
        kind: "negatable",
        denied: true,
        meaning: "do not ask ssh for a terminal"
      },
      {
        id: "transport",
        names: ["transport"],
        kind: "value",
        late: true,
        value: "HOW",
        words: TRANSPORTS,
        meaning:
          "what carries the session: auto (UDP, and ssh while no UDP gets through; default), udp, or ssh (through a relay on " +
          "the host: as fast as ssh, and otherwise as over UDP)"
      },
      {
        id: "local",
        names: ["local"],
        kind: "flag",
        meaning: "no ssh: start the server here; host is a numeric address of this machine (default: 127.0.0.1)"
      },
      { id: "inet", names: ["4"], kind: "flag", meaning: "IPv4 only" },
      { id: "inet6", names: ["6"], kind: "flag", meaning: "IPv6 only" },
      {
        id: "family",
        names: ["family"],
        kind: "value",
        value: "FAMILY",
        words: FAMILIES,
        meaning:
          "prefer-inet (default), prefer-inet6, inet (as -4), inet6 (as -6), all (in the system's order), or auto " +
          "(refuses to choose between the two)"
      },
      {
        id: "remote-ip",
        names: ["experimental-remote-ip"],
        kind: "value",
        value: "HOW",
        words: ADDRESS_SOURCES,
        meaning:
          "how to learn the server's address: proxy (from the connection that ssh makes; default), local (look the " +
          "name up here), or remote (ask the server; default if ssh goes through a jump host or a proxy)"
      }
    ]
  },
  {
    title: "The server",
    options: [
      {
        id: "port",
        names: ["port", "p"],
        kind: "value",
        value: "PORT[:PORT2]",
        meaning: "its UDP port, or a range to choose from (default: 60001 to 60999)"
      },
      {
        id: "server",
        names: ["server"],
        kind: "value",
        value: "COMMAND",
        completes: "command",
        meaning: "its command line there, as a shell reads it (default: mosh-server)"
      },
      {
        id: "bind-server",
        names: ["bind-server"],
        kind: "value",
        value: "WHERE",
        words: ["ssh", "any"],
        meaning: "the address it answers from: ssh (the one that ssh reached; default), any, or an IP address"
      }
    ]
  },
  {
    title: "Screen and keys",
    options: [
      {
        id: "predict",
        names: ["predict"],
        kind: "value",
        value: "WHEN",
        words: ["adaptive", "always", "never", "experimental"],
        meaning:
          "show typing before the server echoes it: adaptive (default; on slow links), always, never, or experimental"
      },
      { id: "always", names: ["a"], kind: "flag", meaning: "as --predict=always" },
      { id: "never", names: ["n"], kind: "flag", meaning: "as --predict=never" },
      {
        id: "predict-overwrite",
        names: ["predict-overwrite", "o"],
        kind: "negatable",
        meaning: "predicted typing overwrites the text under the cursor, instead of inserting"
      },
      {
        id: "scrollback",
        names: ["scrollback"],
        kind: "value",
        late: true,
        value: "WHERE",
        words: PREFERENCES,
        meaning:
          "where rows that scroll off go: auto (into the terminal's own history, if the server keeps one; default), or " +
          "off (nowhere: the session is shown on the alternate screen)"
      },
      {
        id: "init",
        names: ["init"],
        kind: "negatable",
        denied: true,
        meaning: "do not switch to the terminal's alternate screen for sessions without scrollback"
      },
      {
        id: "client",
        names: ["client"],
        kind: "value",
        value: "PATH",
        completes: "command",
        meaning: "run another client program here, instead of the one built in"
      }
    ]
  },
  {
    title: "Forwarding",
    options: [
      {
        id: "agent",
        names: ["A"],
        kind: "flag",
        late: true,
        cased: true,
        meaning:
          "programs on the server may use the authentication agent of this machine (default: as ForwardAgent of ssh)"
      },
      {
        id: "local-forward",
        names: ["L"],
        kind: "value",
        late: true,
        cased: true,
        value: "[ADDRESS:]PORT:HOST:HOSTPORT",
        meaning:
          "connections to this port here go to a host and port as the server reaches them; the path of a unix socket may " +
          "take the place of [ADDRESS:]PORT, and of HOST:HOSTPORT"
      },
      {
        id: "remote-forward",
        names: ["R"],
        kind: "value",
        late: true,
        cased: true,
        value: "[ADDRESS:]PORT[:HOST:HOSTPORT]",
        meaning:
          "connections to this port on the server go to a host and port as this machine reaches them; without HOST, the " +
          "port is a SOCKS proxy"
      },
      {
        id: "dynamic-forward",
        names: ["D"],
        kind: "value",
        late: true,
        cased: true,
        value: "[ADDRESS:]PORT",
        meaning: "this port here is a SOCKS proxy (4, 4a and 5) whose connections the server makes"
      },
      {
        id: "forwarding",
        names: ["forwarding"],
        kind: "negatable",
        late: true,
        denied: true,
        meaning: "forward nothing, whatever ssh's configuration asks for"
      }
    ]
  },
  {
    title: "Without a terminal",
    options: [
      {
        id: "no-terminal",
        names: ["T"],
        kind: "flag",
        late: true,
        meaning:
          "run command without a terminal, as ssh -T does: raw input and output, its exit status; single letters have " +
          "ssh's meaning beside it, and mosh's own options are long"
      }
    ]
  },
  {
    title: "When it does not connect",
    options: [
      {
        id: "doctor",
        names: ["doctor"],
        kind: "flag",
        late: true,
        meaning: "open no session; check everything that a session needs, and report what works and what does not"
      },
      {
        id: "fallback",
        names: ["fallback"],
        kind: "value",
        late: true,
        value: "ssh",
        words: FALLBACKS,
        meaning:
          "if no UDP packet gets through within 8 s, use plain ssh, which does not roam (default: --transport=auto, and if " +
          "that does not connect, mosh asks)"
      },
      {
        id: "verbose",
        names: ["verbose"],
        kind: "optional",
        late: true,
        value: "FILE",
        completes: "file",
        meaning: "log what happens, on stderr or in FILE"
      }
    ]
  },
  {
    title: "Sessions that stay",
    options: [
      {
        id: "session",
        names: ["session"],
        kind: "value",
        late: true,
        value: "NAME",
        meaning:
          "attach to the session called NAME on host, or start it; it keeps running after its client left, until its " +
          "program ends"
      },
      {
        id: "detachable",
        names: ["detachable"],
        kind: "flag",
        late: true,
        meaning: "let a new session keep running after its client left, even without a name"
      },
      {
        id: "list",
        names: ["list"],
        kind: "flag",
        late: true,
        meaning: "list your sessions on host (default: this machine): name, age, client, program, directory, title"
      },
      { id: "json", names: ["json"], kind: "flag", late: true, meaning: "with --list: as JSON, for scripts" },
      {
        id: "attach",
        names: ["attach"],
        kind: "optional",
        late: true,
        value: "WHICH",
        meaning:
          "become the client of a session that already runs on host: of the one with this name or ID in the list, or of the " +
          "only one; its former clients end"
      },
      {
        id: "share",
        names: ["share"],
        kind: "flag",
        late: true,
        meaning:
          "attach, and leave the other clients attached; the screen has the size of the client where someone typed last"
      },
      {
        id: "view",
        names: ["view"],
        kind: "flag",
        late: true,
        meaning: "attach only to watch: what you type is not sent, and the server would ignore it"
      },
      {
        id: "kill",
        names: ["kill"],
        kind: "value",
        late: true,
        value: "WHICH",
        meaning:
          "end one of them, by its name or ID in the list; all: all without an attached client (asks on a terminal)"
      },
      {
        id: "force",
        names: ["force"],
        kind: "flag",
        late: true,
        meaning: "with --kill=all: also those with a client, and stock mosh's"
      }
    ]
  },
  {
    title: "About",
    options: [
      { id: "help", names: ["help"], kind: "flag", meaning: "print this, and exit" },
      { id: "version", names: ["version"], kind: "flag", meaning: "print the version, and exit" },
      { id: "fake-proxy", names: ["fake-proxy"], kind: "flag", internal: true, meaning: "" }
    ]
  }
]

export const options: ReadonlyArray<Manual.Option<OptionId>> = groups.flatMap((group) => group.options)
