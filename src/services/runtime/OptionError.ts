/**
 * The error of a numeric option whose value is not allowed.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { Millis } from "../../domain/Machine.ts"

/** A numeric option of `connect`, `listen` or `serve` has a value that is not allowed; `message` names both. */
export class OptionError extends Schema.TaggedError<OptionError>()("OptionError", {
  /** The option, such as `limits.network`. */
  option: Schema.String,
  value: Schema.Number,
  /** The allowed values, as a phrase for the developer. */
  allowed: Schema.String
}) {
  override get message() {
    return `the option ${this.option} is ${this.value}; it must be ${this.allowed}`
  }
}

/** Fails unless `value` is a positive number of ms; `Infinity` is one. */
export const positiveMillis = (option: string, value: Millis): Effect.Effect<Millis, OptionError> =>
  value > 0
    ? Effect.succeed(value)
    : Effect.fail(new OptionError({ option, value, allowed: "a number of ms above 0, or Infinity" }))

/** Fails unless `value` is 0 or a positive number of ms; `Infinity` is one. */
export const millis = (option: string, value: Millis): Effect.Effect<Millis, OptionError> =>
  value >= 0
    ? Effect.succeed(value)
    : Effect.fail(new OptionError({ option, value, allowed: "a number of ms from 0, or Infinity" }))

/** `value` reduced to the range from 0 to `most`; `NaN` becomes 0. For operations that cannot fail. */
export const clampMillis = (value: Millis, most: Millis): Millis => Math.min(Math.max(value || 0, 0), most)
