/**
 * A user's home for tests of sessions that outlive their clients: real servers and clients, independent of the account that
 * runs the tests.
 */
import * as Dgram from "node:dgram"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { end, type Maker, program } from "../../support/peers.ts"
import { endWithUs } from "../../support/leftovers.ts"
import { Tmux } from "../../support/tmux.ts"
import { type Ran, start } from "../mosh/workshop.ts"

export const PATH = process.env["PATH"] ?? "/usr/bin:/bin"
export const LOOPBACK = ["-i", "127.0.0.1", "-p", "0"]

export interface Endpoint {
  readonly port: number
  readonly key: string
}

/** A user's home, with its sessions. */
export class Home extends AsyncDisposableStack {
  readonly directory = Fs.mkdtempSync(Path.join(Os.tmpdir(), "effect-mosh-attach-"))
  readonly environment = { HOME: this.directory, LANG: "C.UTF-8", PATH, TERM: "xterm-256color", SHELL: "/bin/sh" }
  #clients = 0

  constructor() {
    super()
    this.defer(() => Fs.rmSync(this.directory, { recursive: true, force: true, maxRetries: 3 }))
  }

  /** `mosh-server` with these arguments. */
  server(line: ReadonlyArray<string>, more: Readonly<Record<string, string>> = {}): Promise<Ran> {
    const environment = { ...this.environment, XDG_STATE_HOME: undefined, XDG_RUNTIME_DIR: undefined, ...more }
    return start([...program("ours", "mosh-server"), ...line], { environment }).ended
  }

  /** A running session, and its process. */
  async session(line: ReadonlyArray<string>): Promise<Endpoint & { readonly pid: number; readonly isNew: boolean }> {
    const ran = await this.server(line)
    const [, verb, pid] = /\[mosh-server (detached|attached), pid = (\d+)\]/.exec(ran.stderr) ?? []
    if (pid === undefined) throw new Error(`no session: ${ran.stdout}${ran.stderr}`)
    this.endsWithUs(Number(pid))
    return { ...endpoint(ran), pid: Number(pid), isNew: verb === "detached" }
  }

  /** Ends a session with the test. */
  endsWithUs(pid: number): void {
    endWithUs(pid)
    this.defer(() => end(pid))
  }

  /** A client in a terminal, and its process id. */
  async client(maker: Maker, { key, port }: Endpoint): Promise<{ readonly tmux: Tmux; readonly pid: number }> {
    const file = Path.join(this.directory, `client-${++this.#clients}`)
    const words = [...program(maker, "mosh-client"), "127.0.0.1", String(port)]
    const tmux = this.use(
      Tmux.start({
        size: { columns: 80, rows: 24 },
        command: ["/bin/sh", "-c", 'echo $$ > "$0"; exec "$@"', file, ...words],
        environment: { ...this.environment, MOSH_KEY: key, MOSH_PREDICTION_DISPLAY: "never" }
      })
    )
    await until("the client starts", () => Fs.existsSync(file) && Fs.readFileSync(file, "utf8").endsWith("\n"))
    return { tmux, pid: Number(Fs.readFileSync(file, "utf8")) }
  }
}

export const until = async (what: string, holds: () => boolean | Promise<boolean>): Promise<void> => {
  const deadline = performance.now() + 20_000
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`never: ${what}`)
    await sleep(25)
  }
}

export const endpoint = ({ stderr, stdout }: Ran): Endpoint => {
  const [, port, key] = /^MOSH CONNECT (\d+) ([A-Za-z0-9/+]{22})$/m.exec(stdout) ?? []
  if (port === undefined || key === undefined) throw new Error(`no MOSH CONNECT: ${stdout}${stderr}`)
  return { port: Number(port), key }
}

/** Whether no process has the UDP port. */
export const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = Dgram.createSocket("udp4")
    socket.once("error", () => resolve(false))
    socket.bind(port, "127.0.0.1", () => socket.close(() => resolve(true)))
  })

/** `attach` once the session has registered itself. */
export const attach = async (home: Home, which: string | number): Promise<Endpoint> => {
  let ran = await home.server(["attach", String(which), "new", ...LOOPBACK])
  await until(`session ${which} can be attached`, async () => {
    if (ran.code === 0) return true
    ran = await home.server(["attach", String(which), "new", ...LOOPBACK])
    return ran.code === 0
  })
  return endpoint(ran)
}
