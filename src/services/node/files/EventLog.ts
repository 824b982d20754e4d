/**
 * What becomes of sessions, for machines to read: one JSON object a line, in the file that `MOSH_LOG` names.
 *
 * It is an Effect logger like any other; who embeds sessions takes the loggers of their own choice instead. What is told
 * is told with `Effect.log…` and annotations: never a key, and nothing of what was typed or shown.
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
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as References from "effect/References"
import * as BoundedFile from "./BoundedFile.ts"

/** When the file has grown to this, it becomes FILE.old, and a new one begins: bytes. */
export const LONGEST_FILE = 4 * 1_048_576
/** The most characters of one text in a line. */
export const LONGEST_TEXT = 400

/** Writes to `file` all that is logged; without a file, logs are for nobody. */
export const layer = (file: string | undefined, program: "mosh-server" | "mosh-client"): Layer.Layer<never> =>
  file === undefined || file === ""
    ? Logger.layer([])
    : Layer.merge(Logger.layer([logger(file, program)]), Layer.succeed(References.MinimumLogLevel, "Debug"))

/** Why nothing can be written to `file`, in words for the user; `undefined` if it can. */
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
    // A full disk takes nothing from anybody but this line.
    BoundedFile.append(file, `${JSON.stringify(line, bounded)}\n`, LONGEST_FILE)
  })

const bounded = (_name: string, value: unknown): unknown =>
  typeof value === "string" ? value.slice(0, LONGEST_TEXT) : typeof value === "bigint" ? String(value) : value
