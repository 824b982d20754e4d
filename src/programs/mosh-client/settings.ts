/**
 * The settings that a client reads from environment variables, through Effect's `Config`. `mosh` and `mosh-client` share them.
 */
import * as Config from "effect/Config"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import type { Environment } from "../../domain/environment/Locale.ts"
import * as EscapeKey from "../../domain/client/EscapeKey.ts"
import * as EventPreference from "../../domain/client/EventPreference.ts"
import * as ImagePreference from "../../domain/client/ImagePreference.ts"
import * as ScrollbackPreference from "../../domain/client/ScrollbackPreference.ts"
import * as SessionKey from "../../domain/crypto/SessionKey.ts"
import * as DisplayPreference from "../../domain/prediction/trust/DisplayPreference.ts"

/** How a client shows its session. */
export interface Settings {
  /** `MOSH_ESCAPE_KEY`; `undefined` if it is empty, which disables the key. */
  readonly escapeKey: EscapeKey.EscapeKey | undefined
  /** Whether requests for signatures are not shown: `MOSH_AGENT_QUIET` is `1`. */
  readonly agentQuiet: boolean
  /** `MOSH_EVENTS`; nothing for a value that is not allowed, which `obstacles` reports. */
  readonly events: EventPreference.EventPreference
  /** `MOSH_LOG`: the file for events. */
  readonly logFile: string | undefined
  /** Whether to show a session without a history on the terminal's alternate screen: unless `MOSH_NO_TERM_INIT` is set. */
  readonly initTerminal: boolean
  /** `MOSH_IMAGES`; `off` for a value that is not allowed, which `obstacles` reports. */
  readonly images: ImagePreference.ImagePreference
  /** `MOSH_SCROLLBACK`; `off` for a value that is not allowed, which `obstacles` reports. */
  readonly scrollback: ScrollbackPreference.ScrollbackPreference
  /** Whether to prefix window titles: unless `MOSH_TITLE_NOPREFIX` is set. */
  readonly titlePrefix: boolean
  /** `NO_COLOR`. */
  readonly noColor: string | undefined
  /** `TERM`; empty if it is not set. */
  readonly term: string
}

/** How `mosh-client` connects. */
export interface Connection {
  /** `MOSH_KEY`. */
  readonly key: SessionKey.SessionKey
  /** `MOSH_PREDICTION_DISPLAY`. */
  readonly prediction: DisplayPreference.DisplayPreference
  /** `MOSH_PREDICTION_OVERWRITE`. */
  readonly predictOverwrite: boolean
}

/** A variable is missing or has a value that is not allowed. `message` is the line for the user. */
export class SettingsError extends Data.TaggedError("SettingsError")<{
  readonly variable: string
  readonly message: string
}> {}

/** An empty variable is one that is set. */
export const provider = (environment: Environment): ConfigProvider.ConfigProvider =>
  ConfigProvider.fromEnvRecord({ ...environment }, { preserveEmptyStrings: true })

const text = (variable: string): Config.Config<string | undefined> =>
  Config.map(Config.option(Config.String(variable)), Option.getOrUndefined)

const isSet = (variable: string): Config.Config<boolean> => Config.map(text(variable), (value) => value !== undefined)

export const settings: Config.Config<Settings> = Config.all({
  escapeKey: Config.map(text("MOSH_ESCAPE_KEY"), EscapeKey.parse),
  agentQuiet: Config.map(text("MOSH_AGENT_QUIET"), (value) => value === "1"),
  events: Config.map(text("MOSH_EVENTS"), (value) => Result.getOrElse(EventPreference.parse(value), () => [])),
  images: Config.map(text("MOSH_IMAGES"), (value) =>
    Result.getOrElse(ImagePreference.parse(value), () => "off" as const)
  ),
  logFile: text("MOSH_LOG"),
  initTerminal: Config.map(isSet("MOSH_NO_TERM_INIT"), (set) => !set),
  scrollback: Config.map(text("MOSH_SCROLLBACK"), (value) =>
    Result.getOrElse(ScrollbackPreference.parse(value), () => "off" as const)
  ),
  titlePrefix: Config.map(isSet("MOSH_TITLE_NOPREFIX"), (set) => !set),
  noColor: text("NO_COLOR"),
  term: Config.map(text("TERM"), (value) => value ?? "")
})

/** The variables as text, which the system always gives. */
const raw = Config.all({
  key: text("MOSH_KEY"),
  prediction: text("MOSH_PREDICTION_DISPLAY"),
  predictOverwrite: Config.map(text("MOSH_PREDICTION_OVERWRITE"), (value) => value === "yes")
})

/** Reads the key first: without one, `mosh-client` was started by hand. */
export const connection: Effect.Effect<Connection, Config.ConfigError | SettingsError> = Effect.gen(function* () {
  const { key: printed, prediction, predictOverwrite } = yield* raw
  if (printed === undefined)
    return yield* new SettingsError({ variable: "MOSH_KEY", message: "MOSH_KEY environment variable not found." })
  const key = yield* Effect.fromResult(SessionKey.parse(printed)).pipe(
    Effect.mapError(
      ({ message }) => new SettingsError({ variable: "MOSH_KEY", message: `mosh-client: bad MOSH_KEY: ${message}.` })
    )
  )
  const preference = yield* Effect.fromResult(DisplayPreference.parse(prediction)).pipe(
    Effect.mapError((message) => new SettingsError({ variable: "MOSH_PREDICTION_DISPLAY", message }))
  )
  return { key, prediction: preference, predictOverwrite }
})
