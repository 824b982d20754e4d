/**
 * Logs the events of sessions as JSON, one object per line, in the file that `MOSH_LOG` names.
 *
 * It is an ordinary Effect logger; programs that embed sessions use their own loggers instead. Events are logged by
 * `Effect.log…` with annotations. They never contain a key, nor anything that was typed or shown.
 *
 * | field     |                                                             |
 * | --------- | ----------------------------------------------------------- |
 * | `time`    | ISO 8601, UTC                                               |
 * | `level`   | `debug`, `info`, `warn`, `error` or `fatal`                 |
 * | `program` | `mosh-server` or `mosh-client`                              |
 * | `pid`     | the process of this end of the session                      |
 * | `event`   | what happened                                               |
 * | others    | the event's own, by annotations                             |
 */
import * as Cause from "effect/Cause"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Option from "effect/Option"
import * as References from "effect/References"
import * as BoundedFile from "./BoundedFile.ts"

/** Size of the file, bytes, at which it is renamed to FILE.old, and a new one begins. */
export const LONGEST_FILE = 4 * 1_048_576
/** Maximum length of a text in a line, characters. */
export const LONGEST_TEXT = 400

/** Logs everything to `file`; without a file, discards all logs. */
export const layer = (file: string | undefined, program: "mosh-server" | "mosh-client"): Layer.Layer<never> =>
  file === undefined || file === ""
    ? Logger.layer([])
    : Layer.merge(Logger.layer([logger(file, program)]), Layer.succeed(References.MinimumLogLevel, "Debug"))

/** As `layer`, for the file that the setting `MOSH_LOG` names. */
export const configured = (program: "mosh-server" | "mosh-client"): Layer.Layer<never> =>
  Layer.unwrap(
    Effect.map(Effect.orDie(Config.option(Config.String("MOSH_LOG"))), (file) =>
      layer(Option.getOrUndefined(file), program)
    )
  )

/** Why `file` cannot be written, as a phrase for the user; `undefined` if it can. */
export const obstacle = (file: string | undefined): string | undefined =>
  file === undefined || file === "" ? undefined : BoundedFile.append(file, "", LONGEST_FILE)

const logger = (file: string, program: string): Logger.Logger<unknown, void> =>
  Logger.make(({ cause, date, fiber, logLevel, message }) => {
    const event = (Array.isArray(message) ? message : [message]).map(String).join(" ")
    const line = {
      time: date.toISOString(),
      level: logLevel.toLowerCase(),
      program,
      pid: process.pid,
      event,
      ...fiber.getRef(References.CurrentLogAnnotations),
      ...(cause.reasons.length === 0 ? {} : { cause: String(Cause.squash(cause)) })
    }
    // Errors, such as a full disk, lose only this line.
    BoundedFile.append(file, `${JSON.stringify(line, bounded)}\n`, LONGEST_FILE)
  })

const bounded = (_name: string, value: unknown): unknown =>
  typeof value === "string" ? value.slice(0, LONGEST_TEXT) : typeof value === "bigint" ? String(value) : value
