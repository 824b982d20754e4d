/**
 * `mosh-server`, as ssh starts it: validates the request, and starts a session.
 *
 * It loads as little as possible, because the user waits for it.
 */
import * as Result from "effect/Result"
import * as ChildProcess from "node:child_process"
import * as Os from "node:os"
import * as Tty from "node:tty"
import * as Locale from "../../domain/environment/Locale.ts"
import * as TrueColor from "../../domain/environment/TrueColor.ts"
import * as ServerArguments from "../../domain/arguments/ServerArguments.ts"
import type { Mode } from "../../domain/session/Attachments.ts"
import * as RequestOrigin from "../../domain/registry/RequestOrigin.ts"
import * as Persistence from "../../domain/session/Persistence.ts"
import type { Size } from "../../domain/terminal/Frame.ts"
import * as SessionNames from "../../services/node/sessions/SessionNames.ts"
import * as CoreDumpLimit from "./coreDumpLimit.ts"
import type { Where } from "./attach.ts"
import * as Detaching from "./detach.ts"
import { complain } from "./complain.ts"
import { HELP } from "./help.ts"
import * as Settings from "./settings.ts"
import * as StandardStreams from "../shared/standardStreams.ts"
import { about } from "../shared/version.ts"

const main = async (): Promise<void> => {
  StandardStreams.endWithReader("mosh-server")
  const asked = ServerArguments.parse(process.argv.slice(2))
  switch (asked._tag) {
    case "Help":
      process.stdout.write(HELP)
      return
    case "Version":
      process.stdout.write(about("mosh-server").join("\n") + "\n")
      return
    case "List":
      ;(await import("./sessions.ts")).list(asked.form)
      return
    case "Kill":
      ;(await import("./sessions.ts")).kill(asked.kill, asked.forPrograms)
      return
    case "Attach":
      complain(...asked.complaints)
      ;(await import("./attach.ts")).attach(asked.which, whereOf(asked.request, asked.mode), asked.request.choose)
      return
    case "Session":
      complain(...asked.complaints)
      await openSession(asked.name, asked.request)
      return
    case "Relay":
      ;(await import("./relay.ts")).relay(asked.port, process.env["SSH_CONNECTION"])
      return
    case "Refused":
      complain(...asked.complaints)
      process.exitCode = 1
      return
    case "Start":
      complain(...asked.complaints)
      process.exitCode = statusOf(await start(asked.request, undefined))
  }
}

/** Attaches to the session with a name, or starts it. The first start does not load what only an attach needs. */
const openSession = async (name: string, request: ServerArguments.ServerRequest): Promise<void> => {
  const isKnown = SessionNames.claims(process.env, name).length > 0
  const outcome = isKnown ? undefined : await start(request, name)
  if (outcome !== undefined && "status" in outcome) {
    process.exitCode = outcome.status
    return
  }
  ;(await import("./attach.ts")).attachOrStart(name, whereOf(request, "TakeOver"), () => start(request, name))
}

const whereOf = ({ bind, inside, ports }: ServerArguments.ServerRequest, mode: Mode): Where => {
  const { settings } = Settings.read(process.env)
  return {
    mode,
    address: address(bind, settings.sshConnection),
    everywhere: bind._tag !== "Address",
    ports,
    by: RequestOrigin.requester(userName(), settings.sshConnection),
    inside: inside?.host === Os.hostname() ? inside.session : settings.session
  }
}

/** Starts a session. `name`: its name, `undefined` for none. */
const start = async (request: ServerArguments.ServerRequest, name: string | undefined): Promise<Detaching.Outcome> => {
  const locale = Locale.decide(process.env, request.locale, charmap)
  if (locale._tag === "NotUtf8") {
    complain(...locale.explanation)
    ChildProcess.spawnSync("locale", [], { env: locale.environment, stdio: ["ignore", 2, 2] })
    return { status: 1 }
  }
  const { settings, warnings } = Settings.read(process.env)
  complain(...warnings)

  // A session without a terminal ends with its client, so it is never detached.
  const maxDetached = request.withoutTerminal ? undefined : settings.maxDetached
  const refusal = maxDetached && (await (await import("./detachedLimit.ts")).refusal(maxDetached))
  if (refusal !== undefined) {
    complain(`mosh-server: ${refusal}`)
    return { status: 1 }
  }

  const obstacle = await logObstacle(settings.logFile)
  if (obstacle !== undefined) complain(`mosh-server: MOSH_LOG cannot be written: ${obstacle}.`)

  const wanted = { address: address(request.bind, settings.sshConnection), ports: request.ports }
  return Detaching.detach(wanted, TrueColor.adopt(locale.environment, request.locale), {
    // `ps` shows them to every user, so they are without the name.
    shown: process.argv.slice(name === undefined ? 2 : 4),
    colors: request.colors,
    command: request.command,
    withoutTerminal: request.withoutTerminal,
    agent: request.agent,
    size: windowSize(),
    networkTimeout: finite(settings.networkTimeout),
    signalTimeout: settings.signalTimeout ?? null,
    scrollback: settings.scrollback,
    forwarding: settings.forwarding,
    everywhere: request.bind._tag !== "Address",
    name: name ?? null,
    persistent: Persistence.isPersistent({ name, detachable: request.detachable || settings.detachable }),
    verbosity: request.verbosity,
    coreLimit: CoreDumpLimit.present() ?? null
  })
}

/** Why the log of `MOSH_LOG` cannot be written; `undefined` if it can. */
const logObstacle = async (file: string | undefined): Promise<string | undefined> =>
  file === undefined ? undefined : (await import("../../services/node/files/EventLog.ts")).obstacle(file)

const userName = (): string => {
  try {
    return Os.userInfo().username
  } catch {
    // A user without an account entry.
    return String(process.getuid?.() ?? "unknown")
  }
}

/** The exit status. Without a name, no other session can have it. */
const statusOf = (outcome: Detaching.Outcome): number => ("status" in outcome ? outcome.status : 1)

/** JSON has no infinity. */
const finite = (limit: number): number | null => (limit === Infinity ? null : limit)

/** The character set by the system's `locale`; by the variables' names if these are certain, or there is no `locale`. */
const charmap: Locale.Charmap = (environment) => {
  if (Locale.isCertain(environment)) return Locale.charmapByName(environment)
  const asked = ChildProcess.spawnSync("locale", ["charmap"], {
    env: environment,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"]
  })
  return asked.status === 0 ? asked.stdout.trim() : Locale.charmapByName(environment)
}

const address = (bind: ServerArguments.Bind, sshConnection: string | undefined): string | undefined => {
  switch (bind._tag) {
    case "Any":
      return undefined
    case "Address":
      return bind.address
    case "Ssh": {
      const found = ServerArguments.sshAddress(sshConnection)
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

void main()
