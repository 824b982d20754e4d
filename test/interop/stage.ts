/**
 * Where scenarios are acted out: a scratch home, a program, and the ways to reach it.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { quoted } from "../support/peers-shell.ts"
import { end, program, startServer, type Maker } from "../support/peers.ts"
import { Relay } from "../support/relay.ts"
import { startSshd } from "../support/sshd.ts"
import { Tmux } from "../support/tmux.ts"
import { SIZE, type Scenario } from "./scenario.ts"

/** The makers of client and server, and whether the wrapper starts the server through ssh. */
export interface Pairing {
  readonly client: Maker
  readonly server: Maker
  readonly through: "direct" | "ssh"
}

const whose = (maker: Maker): string => (maker === "ours" ? "our" : "stock")

export const pairingName = ({ client, server, through }: Pairing): string =>
  through === "ssh"
    ? `${whose(client)} mosh through ssh to ${whose(server)} server`
    : `${whose(client)} client to ${whose(server)} server`

/** What must be installed to try a pairing. */
export const needsOf = ({ client, server, through }: Pairing): ReadonlyArray<string> => [
  "tmux",
  ...(client === "stock" || server === "stock" ? ["mosh"] : []),
  ...(through === "ssh" ? ["sshd", "ssh"] : [])
]

/** Whether the pairing can carry what the scenario shows. */
export const canCarry = ({ client, server }: Pairing, { beyondStock }: Scenario): boolean => {
  const needsClient = beyondStock === "client" || beyondStock === "either"
  const needsServer = beyondStock === "server" || beyondStock === "either"
  return (!needsClient || client === "ours") && (!needsServer || server === "ours")
}

/** A user's terminal with the scenario's program in it, with or without mosh. */
export interface Stage extends AsyncDisposable {
  readonly terminal: Tmux
  readonly home: string
  /** Between client and server; none on the reference stage. */
  readonly relay: Relay | undefined
  /** The processes, once the program runs. */
  readonly programPid: () => number
  readonly clientPid: () => number
  readonly serverPid: () => number
}

/** The program alone in the terminal, without mosh. */
export const referenceStage = async (scenario: Scenario): Promise<Stage> => {
  const resources = new AsyncDisposableStack()
  const { behind, home } = furnish(scenario, resources)
  const terminal = Tmux.start({
    size: scenario.size ?? SIZE,
    command: [join(behind, PROGRAM)],
    environment: { ...environment(home), NCURSES_NO_UTF8_ACS: "1" }
  })
  resources.use(terminal)
  return {
    terminal,
    home,
    relay: undefined,
    programPid: pidIn(behind, PROGRAM_PID),
    clientPid: none,
    serverPid: none,
    [Symbol.asyncDispose]: () => resources.disposeAsync()
  }
}

export const stage = (pairing: Pairing, scenario: Scenario): Promise<Stage> =>
  pairing.through === "ssh" ? sshStage(pairing, scenario) : directStage(pairing, scenario)

const directStage = async (pairing: Pairing, scenario: Scenario): Promise<Stage> => {
  await using resources = new AsyncDisposableStack()
  const { behind, home } = furnish(scenario, resources)
  const server = await startServer(pairing.server, {
    command: [join(behind, PROGRAM)],
    environment: { ...environment(home), ...scenario.environment }
  })
  resources.use(server)
  const relay = resources.use(await Relay.start(() => server.port))
  const terminal = Tmux.start({
    size: scenario.size ?? SIZE,
    command: withScreenBefore([...program(pairing.client, "mosh-client"), "127.0.0.1", `${relay.port}`]),
    environment: { ...environment(home), ...scenario.environment, MOSH_KEY: server.key }
  })
  resources.use(terminal)
  const stack = resources.move()
  return {
    terminal,
    home,
    relay,
    programPid: pidIn(behind, PROGRAM_PID),
    clientPid: () => terminal.pid,
    serverPid: () => server.pid,
    [Symbol.asyncDispose]: () => stack.disposeAsync()
  }
}

const sshStage = async (pairing: Pairing, scenario: Scenario): Promise<Stage> => {
  await using resources = new AsyncDisposableStack()
  const { behind, home } = furnish(scenario, resources)
  const remotePath = join(behind, "remote")
  script(join(remotePath, "mosh-server"), `exec ${program(pairing.server, "mosh-server").map(quoted).join(" ")} "$@"`)
  const sshd = resources.use(
    await startSshd({ environment: { ...environment(home), PATH: `${remotePath}:${process.env["PATH"]}` } })
  )
  const portFile = join(behind, SERVER_PORT)
  const relay = resources.use(
    await Relay.start(() => (existsSync(portFile) ? Number(readFileSync(portFile, "utf8")) : undefined))
  )
  const client = join(behind, "client")
  script(client, relayedClient(pairing.client, behind, relay.port))
  const terminal = Tmux.start({
    size: scenario.size ?? SIZE,
    command: withScreenBefore([
      ...program(pairing.client, "mosh"),
      `--ssh=ssh -F ${sshd.clientConfig}`,
      `--client=${client}`,
      sshd.host,
      "--",
      join(behind, PROGRAM)
    ]),
    environment: { ...environment(home), ...scenario.environment }
  })
  const serverPid = pidIn(behind, SERVER_PID)
  resources.defer(() => {
    if (existsSync(join(behind, SERVER_PID))) end(serverPid())
  })
  resources.use(terminal)
  const stack = resources.move()
  return {
    terminal,
    home,
    relay,
    programPid: pidIn(behind, PROGRAM_PID),
    clientPid: pidIn(behind, CLIENT_PID),
    serverPid,
    [Symbol.asyncDispose]: () => stack.disposeAsync()
  }
}

const PROGRAM = "program"
const PROGRAM_PID = "program-pid"
const SERVER_PID = "server-pid"
const SERVER_PORT = "server-port"
const CLIENT_PID = "client-pid"

const pidIn = (behind: string, file: string) => (): number => Number(readFileSync(join(behind, file), "utf8"))

const none = () => 0

/** What is on the user's screen before mosh starts, and must be there again afterwards. */
export const BEFORE = "before mosh"

const withScreenBefore = (command: ReadonlyArray<string>): ReadonlyArray<string> => [
  "sh",
  "-c",
  `echo '${BEFORE}'; exec "$@"`,
  "sh",
  ...command
]

/** A client that records its process and the server's port in files, and connects through the relay. */
const relayedClient = (maker: Maker, behind: string, relayPort: number): string => `
client() { exec ${program(maker, "mosh-client").map(quoted).join(" ")} "$@"; }
[ $# -ge 2 ] || client "$@"
for argument; do port=$argument; done
cd ${quoted(behind)}
echo $$ > ${CLIENT_PID}
echo "$port" > ${SERVER_PORT}.new && mv ${SERVER_PORT}.new ${SERVER_PORT}
client 127.0.0.1 ${relayPort}`

/** Makes a directory for what the scenario must not see, and in it the user's home with the scenario's files. */
const furnish = (
  scenario: Scenario,
  resources: AsyncDisposableStack
): { readonly behind: string; readonly home: string } => {
  const behind = mkdtempSync(join(tmpdir(), "effect-mosh-stage-"))
  resources.defer(() => rmSync(behind, { recursive: true, force: true, maxRetries: 3 }))
  const home = join(behind, "home")
  mkdirSync(home)
  for (const [name, text] of Object.entries(scenario.files ?? {})) {
    mkdirSync(dirname(join(home, name)), { recursive: true })
    writeFileSync(join(home, name), text)
  }
  script(
    join(behind, PROGRAM),
    [
      `echo $PPID > ${quoted(join(behind, SERVER_PID))}`,
      `echo $$ > ${quoted(join(behind, PROGRAM_PID))}`,
      'cd "$HOME"',
      // Here, because a non-interactive shell in between would unset it.
      "export PS1='$ '",
      "unset TMUX TMUX_PANE SSH_CONNECTION SSH_CLIENT SSH_TTY SSH_ORIGINAL_COMMAND",
      // Clears the screen, because stock's server leaves an empty line at the top (spec 1.8).
      String.raw`printf '\033[H\033[2J'`,
      `exec ${scenario.program}`
    ].join("\n")
  )
  return { behind, home }
}

const script = (path: string, body: string): void => {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, `#!/bin/sh\n${body}\n`, { mode: 0o755 })
}

/** The same small environment for every program, wherever it runs. */
export const environment = (home: string): Record<string, string> => ({
  HOME: home,
  PATH: process.env["PATH"] ?? "/usr/bin:/bin",
  SHELL: "/bin/bash",
  USER: "person",
  LANG: "C.UTF-8",
  TZ: "UTC",
  INPUTRC: "/dev/null"
})
