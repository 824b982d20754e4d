/**
 * The context of the bootstrap: this process's environment, terminal and signals.
 */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Os from "node:os"
import type { Environment } from "../../domain/environment/Locale.ts"
import * as Terminfo from "../../domain/environment/Terminfo.ts"
import * as TerminfoDatabase from "../../services/node/terminal/TerminfoDatabase.ts"
import type { Caller } from "../../services/bootstrap/SshBootstrap.ts"
import * as ProgramPaths from "../shared/programPaths.ts"

/** This process received a signal that ends it. */
export class Signalled extends Data.TaggedError("Signalled")<{ readonly signal: NodeJS.Signals }> {}

/** Fails when this process receives SIGINT, SIGTERM or SIGHUP, which interrupts what runs beside it. */
export const signalled = Effect.callback<never, Signalled>((resume) => {
  const onSignal = (signal: NodeJS.Signals) => resume(Effect.fail(new Signalled({ signal })))
  for (const signal of ENDING) process.on(signal, onSignal)
  return Effect.sync(() => {
    for (const signal of ENDING) process.removeListener(signal, onSignal)
  })
})

const ENDING = ["SIGINT", "SIGTERM", "SIGHUP"] as const

/** The caller in `environment`; `show` receives the output of ssh and the server for the user. */
export const caller = (environment: Environment, show: (line: string) => void): Caller => ({
  environment,
  host: Os.hostname(),
  self: ProgramPaths.words("mosh"),
  ownServer: ProgramPaths.words("mosh-server"),
  // Servers know two kinds of terminal: with 256 colours, and with fewer.
  colors: Math.min(TerminfoDatabase.colors(environment) ?? Terminfo.colorsByName(environment["TERM"] ?? ""), 256),
  show
})

/** The environment of ssh and the server: ours without the key, with the process id and a locale. */
export const environment = (): Environment => {
  const { MOSH_KEY: _key, MOSH_PREDICTION_DISPLAY: _prediction, ...environment } = process.env
  const named = ["LC_ALL", "LC_CTYPE", "LANG"].some((variable) => (environment[variable] ?? "") !== "")
  return {
    ...environment,
    MOSH_CLIENT_PID: String(process.pid),
    // Without a chosen locale, as in most containers, the terminal is still likely to use UTF-8.
    ...(named ? {} : { LANG: "C.UTF-8" })
  }
}
