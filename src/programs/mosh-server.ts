/**
 * `mosh-server`, as ssh starts it: settle what can be refused, start the session process, print the `MOSH CONNECT` line
 * that it reports, and leave, so that ssh returns (spec 1.5–1.8).
 *
 * Node cannot fork, so the session is a process of its own, `mosh-server-session`. This one loads as little as it can:
 * every millisecond here is one that a person waits.
 */
import * as Result from "effect/Result"
import * as ChildProcess from "node:child_process"
import * as Module from "node:module"
import * as Net from "node:net"
import * as Path from "node:path"
import * as Tty from "node:tty"
import * as ConnectLine from "../domain/bootstrap/ConnectLine.ts"
import * as Locale from "../domain/bootstrap/Locale.ts"
import * as ServerArguments from "../domain/bootstrap/ServerArguments.ts"
import * as Lifetime from "../domain/server/Lifetime.ts"
import type { Size } from "../domain/terminal/Frame.ts"
import * as Core from "./mosh-server-core.ts"
import * as Handover from "./mosh-server-handover.ts"
import * as Logout from "./mosh-server-logout.ts"
import { HELP } from "./mosh-server-help.ts"
import * as Siblings from "./siblings.ts"
import { about } from "./version.ts"

const complain = (...lines: ReadonlyArray<string>): void => {
  for (const line of lines) process.stderr.write(line + "\n")
}

const main = async (): Promise<void> => {
  const asked = ServerArguments.parse(process.argv.slice(2))
  switch (asked._tag) {
    case "Help":
      process.stdout.write(HELP)
      return
    case "Version":
      process.stdout.write(about("mosh-server").join("\n") + "\n")
      return
    case "List":
      ;(await import("./mosh-server-sessions.ts")).list(asked.forPrograms)
      return
    case "Kill":
      ;(await import("./mosh-server-sessions.ts")).kill(asked.which, asked.forPrograms)
      return
    case "Refused":
      complain(...asked.complaints)
      process.exitCode = 1
      return
    case "Start":
      complain(...asked.complaints)
      start(asked.request)
  }
}

const start = (request: ServerArguments.ServerRequest): void => {
  const locale = Locale.decide(process.env, request.locale, charmap)
  if (locale._tag === "NotUtf8") {
    complain(...locale.explanation)
    ChildProcess.spawnSync("locale", [], { env: locale.environment, stdio: ["ignore", 2, 2] })
    process.exitCode = 1
    return
  }
  const network = Lifetime.readSeconds("MOSH_SERVER_NETWORK_TMOUT", process.env["MOSH_SERVER_NETWORK_TMOUT"])
  const signal = Lifetime.readSeconds("MOSH_SERVER_SIGNAL_TMOUT", process.env["MOSH_SERVER_SIGNAL_TMOUT"])
  for (const { warning } of [network, signal]) if (warning !== undefined) complain(warning)

  detach(request.verbosity > 0, locale.environment, {
    address: address(request.bind) ?? null,
    ports: request.ports,
    colors: request.colors,
    command: request.command,
    size: windowSize(),
    networkTimeout: finite(Lifetime.networkLimit(network.milliseconds)),
    signalTimeout: signal.milliseconds ?? null,
    verbosity: request.verbosity,
    coreLimit: Core.present() ?? null,
    own: Object.keys(OWN).filter((name) => locale.environment[name] === undefined)
  })
}

/** JSON has no infinity. */
const finite = (limit: number): number | null => (limit === Infinity ? null : limit)

/** What the system's own `locale` says; what the names say where that is certain, or there is no `locale`. */
const charmap: Locale.Charmap = (environment) => {
  if (Locale.isCertain(environment)) return Locale.charmapByName(environment)
  const asked = ChildProcess.spawnSync("locale", ["charmap"], {
    env: environment,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"]
  })
  return asked.status === 0 ? asked.stdout.trim() : Locale.charmapByName(environment)
}

const address = (bind: ServerArguments.Bind): string | undefined => {
  switch (bind._tag) {
    case "Any":
      return undefined
    case "Address":
      return bind.address
    case "Ssh": {
      const found = ServerArguments.sshAddress(process.env["SSH_CONNECTION"])
      if (Result.isSuccess(found)) return found.success
      complain(found.failure)
      return undefined
    }
  }
}

/** The size of the terminal that ssh gave us; 80×24 without one. */
const windowSize = (): Size => {
  if (Tty.isatty(0)) {
    const [columns, rows] = new Tty.WriteStream(0).getWindowSize()
    if (columns > 0 && rows > 0) return { columns, rows }
  }
  return { columns: 80, rows: 24 }
}

/**
 * Keep the session process small, even after a program flooded: a small nursery, no threads for V8, and freed memory
 * given back to the system. No option here may make V8 refuse the compiled form of Node's own modules, as `--no-maglev`
 * would: that costs 40 ms at start.
 */
const V8_OPTIONS = ["--max-semi-space-size=2", "--v8-pool-size=0"]
const ALLOCATOR = { MALLOC_ARENA_MAX: "1", MALLOC_TRIM_THRESHOLD_: "131072" }

/** What is in the session process's environment for its own sake; it starts with what V8 made of it before. */
const compiled = Module.getCompileCacheDir()
const OWN: Readonly<Record<string, string>> =
  compiled === undefined ? ALLOCATOR : { ...ALLOCATOR, NODE_COMPILE_CACHE: Path.dirname(compiled) }

/** Starts the session process in a session of its own, with nothing of ours open unless a person wants to watch it. */
const detach = (attached: boolean, environment: Locale.Environment, request: Handover.Request): void => {
  const stdio = attached ? "inherit" : "ignore"
  const command = [...Siblings.words("mosh-server-session", V8_OPTIONS), ...process.argv.slice(2)]
  const mayDump = request.coreLimit !== null && request.coreLimit !== "0"
  const [file = "", ...words] = mayDump ? Core.without(command) : command
  const child = ChildProcess.spawn(file, words, {
    detached: true,
    env: { ...OWN, ...environment },
    stdio: [stdio, stdio, stdio, "pipe"]
  })
  child.on("error", (error) => fail(`mosh-server: cannot start the session process: ${error.message}`))
  const socket = child.stdio[Handover.DESCRIPTOR]
  if (!(socket instanceof Net.Socket)) return

  const logout = Logout.ask(Logout.system)
  /** A wrapper reads nothing after the line, and ssh ends with this process: first the session is made safe. */
  const hold = async (listening: { readonly port: number; readonly key: string }): Promise<void> => {
    const warning = await Logout.keep(Logout.system, await logout, child.pid ?? 0)
    if (warning !== undefined) complain(warning)
    announce(listening, child.pid)
    leave(child, socket)
  }

  let text = ""
  let settled = false
  socket.on("data", (bytes) => {
    text += bytes.toString()
    const lines = text.split("\n")
    text = lines.pop() ?? ""
    for (const line of lines) {
      const report = Handover.decodeReport(line)
      if (report === undefined || settled) continue
      settled = report._tag !== "Warning"
      if (report._tag === "Listening") void hold(report)
      else if (report._tag === "Failed") fail(report.text)
      else complain(report.text)
      if (report._tag === "Failed") leave(child, socket)
    }
  })
  socket.on("error", () => undefined)
  child.on("exit", () => {
    if (settled) return
    fail("mosh-server: the session process ended before it could listen; `-v` shows what it says.")
    leave(child, socket)
  })
  socket.end(Handover.encode(request))
}

/** The line that the wrapper reads; exactly this, and first (spec 1.6). */
const announce = (listening: { readonly port: number; readonly key: string }, pid: number | undefined): void => {
  process.stdout.write(`${Tty.isatty(0) ? "\r\n\n" : ""}${ConnectLine.formatConnect(listening.port, listening.key)}\n`)
  complain("", ...about("mosh-server"), "", `[mosh-server detached, pid = ${pid ?? "unknown"}]`)
}

const fail = (text: string): void => {
  complain(text)
  process.exitCode = 1
}

/** Lets go of the session process; this one then ends by itself, when all it printed is written. */
const leave = (child: ChildProcess.ChildProcess, socket: Net.Socket): void => {
  socket.destroy()
  child.unref()
}

await main()
