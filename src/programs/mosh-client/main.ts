/**
 * `mosh-client`: joins a session whose address, port and key are known (spec 1.11).
 */
import * as ConfigProvider from "effect/ConfigProvider"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Net from "node:net"
import * as Tty from "node:tty"
import * as ClientArguments from "../../domain/arguments/ClientArguments.ts"
import * as AgentChoice from "../../domain/forwarding/AgentChoice.ts"
import { obstacles } from "../../domain/client/Requirements.ts"
import { HELP, USAGE } from "./help.ts"
import { runClient } from "./client.ts"
import * as Settings from "./settings.ts"
import { run } from "../shared/run.ts"
import * as Verbose from "../shared/verbose.ts"
import * as StandardStreams from "../shared/standardStreams.ts"
import { about } from "../shared/version.ts"

const printLines = (...lines: ReadonlyArray<string>): void => {
  process.stdout.write(`${lines.join("\n")}\n`)
}

const refuse = (...lines: ReadonlyArray<string>): void => {
  process.stderr.write(`${lines.join("\n")}\n`)
  process.exitCode = 1
}

const main = (): void => {
  const asked = ClientArguments.parse(process.argv.slice(2))
  if (asked._tag === "Connect") StandardStreams.outliveReaders()
  else StandardStreams.endWithReader("mosh-client")
  switch (asked._tag) {
    case "Help":
      return printLines(...about("mosh-client"), "", HELP)
    case "Version":
      return printLines(...about("mosh-client"))
    case "Colors":
      return void printColors()
    case "Wrong":
      return refuse(...(asked.complaint === undefined ? [] : [asked.complaint]), USAGE)
    case "Connect":
      return connect(asked)
  }
}

const connect = ({
  agent,
  forwards,
  host,
  port,
  verbose
}: Extract<ClientArguments.ClientArguments, { _tag: "Connect" }>): void => {
  const settings = Settings.provider(process.env)
  // Programs started from here must not inherit the key.
  delete process.env["MOSH_KEY"]
  const environment = { ...process.env }

  process.once("uncaughtException", (error) => {
    // Printed after the terminal was restored, which also happens at exit.
    process.once("exit", () => complain(error.message))
    process.exit(1)
  })
  const session = Effect.gen(function* () {
    const connection = yield* Effect.provideService(Settings.connection, ConfigProvider.ConfigProvider, settings)
    if (Net.isIP(host) === 0)
      return yield* new Refused({ lines: [`mosh-client: bad IP address (${host}): it must be numeric.`] })
    const missing = obstacles(environment, Tty.isatty(1))
    if (missing.length > 0) return yield* new Refused({ lines: missing })
    const log = verbose ? yield* Verbose.open(undefined) : undefined
    const { status } = yield* runClient({
      host,
      port,
      ...connection,
      environment,
      agent: AgentChoice.choose({ asked: agent, forwardAgent: undefined, environment }),
      forwarding: { specs: forwards, gatewayPorts: false, exitOnFailure: false },
      verbose: log
    })
    return status
  })
  run(
    session.pipe(
      Effect.catchTags({
        Refused: ({ lines }) => Effect.sync(() => print(lines)),
        SettingsError: ({ message }) => Effect.sync(() => print([message]))
      }),
      Effect.catch(({ message }) => Effect.sync(() => complain(message)))
    ),
    complain
  )
}

/** No session is possible here, for reasons that are whole lines for the user. */
class Refused extends Data.TaggedError("Refused")<{ readonly lines: ReadonlyArray<string> }> {}

const print = (lines: ReadonlyArray<string>): number => {
  for (const line of lines) process.stderr.write(`${line}\n`)
  return 1
}

/** Prints one line on stderr. Returns the exit status. */
const complain = (message: string): number => {
  process.stderr.write(`mosh-client: ${message}\n`)
  return 1
}

/** From terminfo; without it, by the terminal's name. */
const printColors = async (): Promise<void> => {
  // Loaded here only: a session must start fast.
  const ChildProcess = await import("node:child_process")
  const term = process.env["TERM"]
  if (term === undefined || term === "") return refuse("TERM environment variable not set.")
  const asked = ChildProcess.spawnSync("tput", ["colors"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] })
  if (asked.status === 0) return printLines(asked.stdout.trim())
  if (asked.error === undefined) return refuse(`'${term}': unknown terminal type.`)
  printLines(term.includes("256color") ? "256" : "8")
}

main()
