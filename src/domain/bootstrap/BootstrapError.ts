/**
 * Why no server was started or found, with a message for the user.
 */
import * as Schema from "effect/Schema"

const REASONS = [
  "SshNotStarted",
  "SshFailed",
  "NameUnknown",
  "SshRefused",
  "SshUnreachable",
  "NotLetIn",
  "HostKeyChanged",
  "HostKeyUnknown",
  "ServerNotFound",
  "ServerFailed",
  "LocaleNotUtf8",
  "PortsTaken",
  "PortRangeNotUnderstood",
  "SessionsUnsupported",
  "SessionRefused",
  "LineMalformed",
  "AddressUnknown",
  "AddressRepeated",
  "HostUnknown"
] as const
export type BootstrapReason = (typeof REASONS)[number]

/** Where the cause lies: on this machine, in the network, on the server's machine, or in the request. */
export type Fault = "environment" | "network" | "server" | "request"

export class BootstrapError extends Schema.TaggedError<BootstrapError>()("BootstrapError", {
  reason: Schema.Literals(REASONS),
  /** The destination, as the user named it; `null` for this machine, without ssh. */
  destination: Schema.NullOr(Schema.String),
  /** The command line of a login by ssh alone; absent: `ssh` and the destination. */
  login: Schema.optionalKey(Schema.String),
  /** Details: an exit status, a line, or the system's error message. */
  detail: Schema.String
}) {
  get fault(): Fault {
    return EXPLANATIONS[this.reason].fault
  }

  /** One to three lines: what happened, and what to do next. */
  override get message(): string {
    const { destination, detail, login = `ssh ${destination}` } = this
    return EXPLANATIONS[this.reason]
      .lines({
        detail,
        place: destination ?? "this machine",
        operand: destination ?? "--local",
        login,
        remotely: destination === null ? "" : `${login} `
      })
      .join("\n")
  }
}

interface Facts {
  readonly detail: string
  readonly place: string
  /** mosh's argument for the same machine. */
  readonly operand: string
  /** The command line of a login without mosh. */
  readonly login: string
  /** The words before a command that run it there. */
  readonly remotely: string
}

const EXPLANATIONS: {
  readonly [R in BootstrapReason]: { readonly fault: Fault; readonly lines: (facts: Facts) => ReadonlyArray<string> }
} = {
  SshNotStarted: {
    fault: "environment",
    lines: ({ detail }) => [
      `ssh could not be started: ${detail}.`,
      "Install OpenSSH's client (apt install openssh-client), or name another with --ssh=COMMAND."
    ]
  },
  SshFailed: {
    fault: "network",
    lines: ({ detail, login, place }) => [
      `ssh could not open a session on ${place} (${detail}); its messages are above.`,
      `mosh logs in by ssh: once "${login}" works, try again.`
    ]
  },
  NameUnknown: {
    fault: "request",
    lines: ({ place }) => [
      `ssh finds no machine called ${place}; its messages are above.`,
      "Is it spelt right? Is it an alias that ~/.ssh/config should know? Is this machine online?"
    ]
  },
  SshRefused: {
    fault: "server",
    lines: ({ operand, place }) => [
      `${place} is there, but refuses connections for ssh, by which mosh logs in.`,
      "Does sshd run there (sudo systemctl start ssh, or on a Mac: System Settings, Sharing, Remote Login)?",
      `If it listens on another TCP port than ssh tried: mosh -P PORT ${operand}`
    ]
  },
  SshUnreachable: {
    fault: "network",
    lines: ({ place }) => [
      `${place} does not answer ssh, by which mosh logs in.`,
      "Is it switched on and online, and is this machine? Is its address right, and does its firewall let ssh in?"
    ]
  },
  NotLetIn: {
    fault: "request",
    lines: ({ login, operand, place }) => [
      `sshd on ${place} did not let you in; its messages are above.`,
      `As another user: mosh user@${operand.replace(/^.*@/, "")}   With another key: mosh --ssh="ssh -i KEYFILE" ${operand}`,
      `What was tried: ${login.replace(/^ssh /, "ssh -v ")}`
    ]
  },
  HostKeyChanged: {
    fault: "server",
    lines: ({ login, place }) => [
      `ssh does not trust ${place}: its host key is not the one known from before. The connection may be intercepted.`,
      "Only if you know why it changed (for instance a new installation), remove the known one as ssh's message above shows;",
      `then log in once by ${login}, and compare the new one.`
    ]
  },
  HostKeyUnknown: {
    fault: "request",
    lines: ({ login, place }) => [
      `ssh does not know the host key of ${place}, and nobody confirmed that it is the right one.`,
      `Log in once by ${login}, and compare it with the one that the machine's administrator gives you.`
    ]
  },
  ServerNotFound: {
    fault: "server",
    lines: ({ operand, place }) => [
      `There is no mosh-server on ${place}, or not on the PATH of commands by ssh, which may be shorter than a login's.`,
      "Install it there (apt, dnf, pacman or brew install mosh; or npm install --global effect-mosh),",
      `or name its path, such as in /opt/homebrew/bin: mosh --server=/path/to/mosh-server ${operand}`
    ]
  },
  ServerFailed: {
    fault: "server",
    lines: ({ detail, place, remotely }) => [
      `mosh-server on ${place} did not start a session (${detail}); its messages are above.`,
      `Try it by itself: ${remotely}mosh-server new`
    ]
  },
  LocaleNotUtf8: {
    fault: "server",
    lines: ({ operand, place }) => [
      `mosh-server on ${place} found no UTF-8 locale, neither its own nor one that this terminal named.`,
      `Try: mosh --server="env LC_ALL=C.UTF-8 mosh-server" ${operand}`,
      "If that fails too, the locale has to be installed there (for instance: locale-gen en_US.UTF-8)."
    ]
  },
  PortsTaken: {
    fault: "server",
    lines: ({ detail, operand, place }) => [
      `mosh-server on ${place} found no free UDP port (${detail}).`,
      `Give it another, or a range to choose from: mosh -p 60000:61000 ${operand}`
    ]
  },
  PortRangeNotUnderstood: {
    fault: "server",
    lines: ({ operand, place }) => [
      `mosh-server on ${place} is too old to choose from a range of ports.`,
      `Give it a single one: mosh -p 60001 ${operand}`
    ]
  },
  SessionsUnsupported: {
    fault: "server",
    lines: ({ operand, place }) => [
      `mosh-server on ${place} is stock mosh's, or too old for this: install effect-mosh there, or use tmux ` +
        `(mosh ${operand} -- tmux new -A -s main).`
    ]
  },
  SessionRefused: {
    fault: "request",
    lines: ({ place }) => [`no session was opened on ${place}; the messages of its mosh-server are above.`]
  },
  LineMalformed: {
    fault: "server",
    lines: ({ detail, place, remotely }) => [
      `The answer of ${place} does not contain its server's port and key in the expected form:`,
      `  ${detail}`,
      remotely === ""
        ? "Is this a mosh-server of another kind or version? Look: mosh-server --version"
        : `Does a start-up file of the shell there (.bashrc) print something? Look: ${remotely}true`
    ]
  },
  AddressUnknown: {
    fault: "environment",
    lines: ({ operand, place }) => [
      `A server runs on ${place} now, but ssh did not report its address.`,
      `Have it looked up here: mosh --experimental-remote-ip=local ${operand}`,
      `or asked for there:     mosh --experimental-remote-ip=remote ${operand}`
    ]
  },
  AddressRepeated: {
    fault: "server",
    lines: ({ detail, place }) => [
      `${place} reported two addresses for its server, and it is not clear which is right: ${detail}.`
    ]
  },
  HostUnknown: {
    fault: "request",
    lines: ({ detail, place }) => [
      `The address of ${place} could not be found: ${detail}.`,
      "--experimental-remote-ip=local looks the name up here, where aliases of ssh's configuration are unknown."
    ]
  }
}
