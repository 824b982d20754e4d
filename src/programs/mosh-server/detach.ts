/**
 * Starts a session: binds the port, makes the key, starts the session process, hands both over, prints the `MOSH CONNECT`
 * line, and exits, so that ssh returns (spec 1.5–1.8).
 *
 * Node cannot fork, so the session is a separate process, `mosh-server-session`. This process does not wait until that is
 * ready: datagrams that arrive earlier wait in the socket.
 */
import * as Result from "effect/Result"
import * as ChildProcess from "node:child_process"
import * as Crypto from "node:crypto"
import type * as Dgram from "node:dgram"
import * as Module from "node:module"
import * as Path from "node:path"
import * as Tty from "node:tty"
import * as ConnectLine from "../../domain/bootstrap/ConnectLine.ts"
import type * as Locale from "../../domain/environment/Locale.ts"
import * as PortRange from "../../domain/arguments/PortRange.ts"
import * as UdpPort from "../../services/node/udp/UdpPort.ts"
import { complain } from "./complain.ts"
import * as CoreDumpLimit from "./coreDumpLimit.ts"
import type { Answer } from "./receiveHandover.ts"
import type { Handover } from "./sendHandover.ts"
import * as SurviveLogout from "./surviveLogout.ts"
import * as ProgramPaths from "../shared/programPaths.ts"
import { about } from "../shared/version.ts"

/** The settings of the session, from the command line and the environment. */
export interface Chosen extends Omit<Handover, "key" | "own"> {
  /** The arguments of this process that the session process shows in its title. */
  readonly shown: ReadonlyArray<string>
}

/** The exit status; a failure is reported on stderr. A number with `taken`: the process of the session that has the name. */
export type Outcome = { readonly status: number } | { readonly taken: number }

/** Starts the session. */
export const detach = async (
  wanted: UdpPort.ServerPort,
  environment: Locale.Environment,
  { shown, ...chosen }: Chosen
): Promise<Outcome> => {
  const asked = SurviveLogout.ask(SurviveLogout.system)
  const bound = await UdpPort.forServerOrAny(wanted, (refusal) =>
    complain(`mosh-server: ${PortRange.explain(refusal)}; binding to any interface.`)
  )
  if (Result.isFailure(bound)) return fail(`${PortRange.explain(bound.failure)}.`)
  const socket = bound.success
  const { port } = socket.address()

  const child = start(chosen, shown, environment)
  const answer = chosen.name === null ? undefined : answerOf(child)
  const key = newKey()
  const own = Object.keys(OWN).filter((name) => environment[name] === undefined)
  const obstacle = await handOver(child, { ...chosen, key, own }, socket)
  socket.close()
  if (obstacle !== undefined) return fail(`cannot start the session process: ${obstacle}.`)

  // The wrapper stops reading after the line, and ssh ends with this process: so the session is detached from the login first.
  const answered = await answer
  if (answered?._tag === "Taken") return { taken: answered.pid }
  if (answered?._tag === "Impossible") {
    return fail("sessions cannot have names here: there is no directory for their sockets that is private to you.")
  }
  if (answered?._tag === "None") return fail("the session process did not register its name; `-v` shows what it says.")
  const warning = await SurviveLogout.keep(SurviveLogout.system, await asked, child.pid ?? 0)
  if (warning !== undefined) complain(warning)
  if (child.exitCode !== null) return fail("the session process ended at once; `-v` shows what it says.")
  announce(port, key, child.pid)
  child.unref()
  return { status: 0 }
}

const fail = (text: string): Outcome => {
  complain(`mosh-server: ${text}`)
  return { status: 1 }
}

/** How long the session process may take to register its name, ms: it starts on a machine that may be busy. */
const REGISTRATION = 30_000

/** The answer of the session process; `None` if it ends without one, or does not give any. */
const answerOf = (child: ChildProcess.ChildProcess): Promise<Answer | { readonly _tag: "None" }> =>
  new Promise((resolve) => {
    const timer = setTimeout(() => {
      child.kill("SIGTERM")
      resolve({ _tag: "None" })
    }, REGISTRATION)
    const finish = (answer: Answer | { readonly _tag: "None" }): void => {
      clearTimeout(timer)
      resolve(answer)
    }
    // Only our own program is at the other end of the channel.
    child.once("message", (answer) => finish(answer as Answer))
    child.once("exit", () => finish({ _tag: "None" }))
    child.once("error", () => finish({ _tag: "None" }))
  })

/**
 * Keeps the session process small, even after a flood of output: a small nursery, no threads for V8, and freed memory
 * returned to the system. Options like `--no-maglev` are not possible here: V8 would reject the compiled form of Node's own
 * modules, which costs 40 ms at start.
 */
const V8_OPTIONS = ["--max-semi-space-size=2", "--v8-pool-size=0"]
const ALLOCATOR = { MALLOC_ARENA_MAX: "1", MALLOC_TRIM_THRESHOLD_: "131072" }

/** Variables that only the session process needs, such as the directory of its compiled code. */
const compiled = Module.getCompileCacheDir()
const OWN: Readonly<Record<string, string>> =
  compiled === undefined ? ALLOCATOR : { ...ALLOCATOR, NODE_COMPILE_CACHE: Path.dirname(compiled) }

/** Starts the session process in its own process session. It inherits our standard streams with `-v` only. */
const start = (
  { coreLimit, verbosity }: Omit<Chosen, "shown">,
  shown: ReadonlyArray<string>,
  environment: Locale.Environment
): ChildProcess.ChildProcess => {
  const stdio = verbosity > 0 ? "inherit" : "ignore"
  const command = [...ProgramPaths.words("mosh-server-session", V8_OPTIONS), ...shown]
  const mayDump = coreLimit !== null && coreLimit !== "0"
  const [file = "", ...words] = mayDump ? CoreDumpLimit.without(command) : command
  return ChildProcess.spawn(file, words, {
    detached: true,
    env: { ...OWN, ...environment },
    stdio: [stdio, stdio, stdio, "ipc"]
  })
}

/** Returns the system's error message on failure. */
const handOver = (
  child: ChildProcess.ChildProcess,
  handover: Handover,
  socket: Dgram.Socket
): Promise<string | undefined> =>
  new Promise((resolve) => {
    child.on("error", (error) => resolve(error.message))
    if (child.pid === undefined) return
    child.send(handover, socket, {}, (error) => {
      resolve(error?.message)
      // A session with a name answers on the channel, and closes it.
      if (handover.name === null && child.connected) child.disconnect()
    })
  })

/**
 * A session's key in printable form: 16 random bytes in base64 without padding (spec 2.1). `SessionKey` is not used,
 * because this process would have to load Schema.
 */
const newKey = (): string => Crypto.randomBytes(16).toString("base64").slice(0, 22)

/** Prints the line that the wrapper reads, which must be exactly this and the first (spec 1.6). */
const announce = (port: number, key: string, pid: number | undefined): void => {
  process.stdout.write(`${Tty.isatty(0) ? "\r\n\n" : ""}${ConnectLine.formatConnect(port, key)}\n`)
  complain("", ...about("mosh-server"), "", `[mosh-server detached, pid = ${pid ?? "unknown"}]`)
}
