/**
 * `mosh-client`: joins a session whose address, port and key are known (spec 1.11).
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Net from "node:net"
import * as Tty from "node:tty"
import * as ClientArguments from "../../domain/arguments/ClientArguments.ts"
import { obstacles } from "../../domain/client/Requirements.ts"
import * as SessionKey from "../../domain/crypto/SessionKey.ts"
import * as DisplayPreference from "../../domain/prediction/DisplayPreference.ts"
import { HELP, USAGE } from "./help.ts"
import { runClient } from "./client.ts"
import { run } from "../shared/run.ts"
import * as Verbose from "../shared/verbose.ts"
import * as StandardStreams from "../shared/standardStreams.ts"
import { about } from "../shared/version.ts"

const say = (...lines: ReadonlyArray<string>): void => {
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
      return say(...about("mosh-client"), "", HELP)
    case "Version":
      return say(...about("mosh-client"))
    case "Colors":
      return void printColors()
    case "Wrong":
      return refuse(...(asked.complaint === undefined ? [] : [asked.complaint]), USAGE)
    case "Connect":
      return connect(asked.host, asked.port, asked.verbose)
  }
}

const connect = (host: string, port: number, verbose: boolean): void => {
  // Programs started from here must not inherit the key.
  const { MOSH_KEY: secret, ...environment } = process.env
  delete process.env["MOSH_KEY"]
  const prediction = DisplayPreference.parse(environment["MOSH_PREDICTION_DISPLAY"])
  const missing = obstacles(environment, Tty.isatty(1))

  if (secret === undefined) return refuse("MOSH_KEY environment variable not found.")
  const key = SessionKey.parse(secret)
  if (Result.isFailure(key)) return refuse(`mosh-client: bad MOSH_KEY: ${key.failure.message}.`)
  if (Net.isIP(host) === 0) return refuse(`mosh-client: bad IP address (${host}): it must be numeric.`)
  if (Result.isFailure(prediction)) return refuse(prediction.failure)
  if (missing.length > 0) return refuse(...missing)

  process.once("uncaughtException", (error) => {
    // Printed after the terminal was restored, which also happens at exit.
    process.once("exit", () => complain(error.message))
    process.exit(1)
  })
  const session = Effect.flatMap(verbose ? Verbose.open(undefined) : Effect.undefined, (verbose) =>
    runClient({
      host,
      port,
      key: key.success,
      prediction: prediction.success,
      predictOverwrite: environment["MOSH_PREDICTION_OVERWRITE"] === "yes",
      environment,
      verbose
    })
  )
  run(
    session.pipe(
      Effect.map(({ status }) => status),
      Effect.catch(({ message }) => Effect.sync(() => complain(message)))
    ),
    complain
  )
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
  if (asked.status === 0) return say(asked.stdout.trim())
  if (asked.error === undefined) return refuse(`'${term}': unknown terminal type.`)
  say(term.includes("256color") ? "256" : "8")
}

main()
