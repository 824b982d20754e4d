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

/** Who speaks to whom, and whether the wrapper and ssh bring them together. */
export interface Pairing {
  readonly client: Maker
  readonly server: Maker
  readonly through: "direct" | "ssh"
}

export const pairingName = ({ client, server, through }: Pairing): string =>
  through === "ssh" ? `${client} mosh through ssh to ${server} server` : `${client} client to ${server} server`

/** Whether the pairing can carry what the scenario shows. */
export const canCarry = (pairing: Pairing, { beyondStock }: Scenario): boolean =>
  beyondStock === undefined || (pairing.server === "ours" && (beyondStock === "server" || pairing.client === "ours"))

/** A person's terminal with the scenario's program in it, however it was reached. */
export interface Stage extends AsyncDisposable {
  readonly terminal: Tmux
  readonly home: string
  /** Between client and server; none on the reference stage. */
  readonly relay: Relay | undefined
  /** The process of the server, once the program runs. */
  readonly serverPid: () => number
}

/** The program alone in the terminal, without mosh. */
export const referenceStage = async (scenario: Scenario): Promise<Stage> => {
  const resources = new AsyncDisposableStack()
  const home = furnish(scenario, resources)
  const terminal = Tmux.start({
    size: scenario.size ?? SIZE,
    command: ["sh", join(home, PROGRAM)],
    environment: { ...environment(home), NCURSES_NO_UTF8_ACS: "1" }
  })
  resources.use(terminal)
  return { terminal, home, relay: undefined, serverPid: () => 0, [Symbol.asyncDispose]: () => resources.disposeAsync() }
}

export const stage = (pairing: Pairing, scenario: Scenario): Promise<Stage> =>
  pairing.through === "ssh" ? sshStage(pairing, scenario) : directStage(pairing, scenario)

const directStage = async (pairing: Pairing, scenario: Scenario): Promise<Stage> => {
  await using resources = new AsyncDisposableStack()
  const home = furnish(scenario, resources)
  const server = await startServer(pairing.server, {
    command: ["sh", join(home, PROGRAM)],
    environment: environment(home)
  })
  resources.use(server)
  const relay = resources.use(await Relay.start(() => server.port))
  const terminal = Tmux.start({
    size: scenario.size ?? SIZE,
    command: withScreenBefore([...program(pairing.client, "mosh-client"), "127.0.0.1", `${relay.port}`]),
    environment: { ...environment(home), MOSH_KEY: server.key }
  })
  resources.use(terminal)
  const stack = resources.move()
  return { terminal, home, relay, serverPid: () => server.pid, [Symbol.asyncDispose]: () => stack.disposeAsync() }
}

const sshStage = async (pairing: Pairing, scenario: Scenario): Promise<Stage> => {
  await using resources = new AsyncDisposableStack()
  const home = furnish(scenario, resources)
  const remotePath = join(home, ".remote")
  script(join(remotePath, "mosh-server"), `exec ${program(pairing.server, "mosh-server").map(quoted).join(" ")} "$@"`)
  const sshd = resources.use(
    await startSshd({ environment: { ...environment(home), PATH: `${remotePath}:${process.env["PATH"]}` } })
  )
  const portFile = join(home, ".port")
  const relay = resources.use(
    await Relay.start(() => (existsSync(portFile) ? Number(readFileSync(portFile, "utf8")) : undefined))
  )
  const client = join(home, ".client")
  script(client, relayedClient(pairing.client, portFile, relay.port))
  const terminal = Tmux.start({
    size: scenario.size ?? SIZE,
    command: withScreenBefore([
      ...program(pairing.client, "mosh"),
      ...[`--ssh=ssh -F ${sshd.clientConfig}`, `--client=${client}`, sshd.host],
      ...["--", "sh", join(home, PROGRAM)]
    ]),
    environment: environment(home)
  })
  const serverPid = () => Number(readFileSync(join(home, SERVER_PID), "utf8"))
  resources.defer(() => {
    if (existsSync(join(home, SERVER_PID))) end(serverPid())
  })
  resources.use(terminal)
  const stack = resources.move()
  return { terminal, home, relay, serverPid, [Symbol.asyncDispose]: () => stack.disposeAsync() }
}

const PROGRAM = ".program"
const SERVER_PID = ".server-pid"

/** What is on the person's screen before mosh starts, and must be there again afterwards. */
export const BEFORE = "before mosh"

const withScreenBefore = (command: ReadonlyArray<string>): ReadonlyArray<string> => [
  ...["sh", "-c", `echo '${BEFORE}'; exec "$@"`, "sh"],
  ...command
]

/** A client that tells the relay where the server is, and goes through the relay itself. */
const relayedClient = (maker: Maker, portFile: string, relayPort: number): string => `
client() { exec ${program(maker, "mosh-client").map(quoted).join(" ")} "$@"; }
[ $# -ge 2 ] || client "$@"
for argument; do port=$argument; done
printf %s "$port" > ${quoted(`${portFile}.new`)} && mv ${quoted(`${portFile}.new`)} ${quoted(portFile)}
client 127.0.0.1 ${relayPort}`

/** A home with the scenario's files, and the script that runs its program on a clean screen. */
const furnish = (scenario: Scenario, resources: AsyncDisposableStack): string => {
  const home = mkdtempSync(join(tmpdir(), "effect-mosh-home-"))
  resources.defer(() => rmSync(home, { recursive: true, force: true, maxRetries: 3 }))
  for (const [name, text] of Object.entries(scenario.files ?? {})) {
    mkdirSync(dirname(join(home, name)), { recursive: true })
    writeFileSync(join(home, name), text)
  }
  writeFileSync(
    join(home, PROGRAM),
    [
      `echo $PPID > ${quoted(join(home, SERVER_PID))}`,
      'cd "$HOME"',
      "unset TMUX TMUX_PANE SSH_CONNECTION SSH_CLIENT SSH_TTY SSH_ORIGINAL_COMMAND",
      String.raw`printf '\033[H\033[2J'`,
      `exec ${scenario.program}`
    ].join("\n")
  )
  return home
}

const script = (path: string, body: string): void => {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, `#!/bin/sh\n${body}\n`, { mode: 0o755 })
}

/** The same small world for every program, wherever it runs. */
const environment = (home: string): Record<string, string> => ({
  HOME: home,
  PATH: process.env["PATH"] ?? "/usr/bin:/bin",
  SHELL: "/bin/bash",
  USER: "person",
  LANG: "C.UTF-8",
  TZ: "UTC",
  PS1: "$ ",
  INPUTRC: "/dev/null"
})
