/**
 * What `mosh` knows of this process when it asks another machine for something.
 */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import type { Environment } from "../../domain/environment/Locale.ts"
import * as Terminfo from "../../domain/environment/Terminfo.ts"
import * as TerminfoDatabase from "../../services/node/terminal/TerminfoDatabase.ts"
import type { Caller } from "../../services/bootstrap/SshBootstrap.ts"
import * as ProgramPaths from "../shared/programPaths.ts"

/** This process was told to end. */
export class Signalled extends Data.TaggedError("Signalled")<{ readonly signal: NodeJS.Signals }> {}

/** Fails when this process is told to end: what has been started so far is ended with it. */
export const signalled = Effect.callback<never, Signalled>((resume) => {
  const onSignal = (signal: NodeJS.Signals) => resume(Effect.fail(new Signalled({ signal })))
  for (const signal of ENDING) process.on(signal, onSignal)
  return Effect.sync(() => {
    for (const signal of ENDING) process.removeListener(signal, onSignal)
  })
})

const ENDING = ["SIGINT", "SIGTERM", "SIGHUP"] as const

/** The caller in `environment`; what ssh and the server say to the person goes to `show`. */
export const caller = (environment: Environment, show: (line: string) => void): Caller => ({
  environment,
  self: ProgramPaths.words("mosh"),
  ownServer: ProgramPaths.words("mosh-server"),
  // Servers know two kinds of terminal: with 256 colours, and with fewer.
  colors: Math.min(TerminfoDatabase.colors(environment) ?? Terminfo.colorsByName(environment["TERM"] ?? ""), 256),
  show
})

/** What ssh and the server start from. */
export const environment = (): Environment => {
  const { MOSH_KEY: _key, MOSH_PREDICTION_DISPLAY: _prediction, ...environment } = process.env
  const named = ["LC_ALL", "LC_CTYPE", "LANG"].some((variable) => (environment[variable] ?? "") !== "")
  return {
    ...environment,
    MOSH_CLIENT_PID: String(process.pid),
    // Where nobody has chosen a locale, as in most containers, the terminal speaks UTF-8 all the same.
    ...(named ? {} : { LANG: "C.UTF-8" })
  }
}
