/**
 * Which events and properties of a session reach the user's terminal: `MOSH_EVENTS`.
 */
import * as Result from "effect/Result"
import type { Capabilities } from "../display/Capabilities.ts"

/** `properties`: the directory, progress, the pointer's shape, variables, colours, and marks of prompts. */
export const KINDS = ["bells", "clipboard", "notifications", "properties"] as const

export type EventPreference = ReadonlyArray<(typeof KINDS)[number]>

/** Reads the setting: `all`, `none`, or kinds separated by commas; unset and empty mean `all`. A failure is a line for the user. */
export const parse = (setting: string | undefined): Result.Result<EventPreference, string> => {
  if (setting === undefined || setting === "" || setting === "all") return Result.succeed(KINDS)
  if (setting === "none") return Result.succeed([])
  const words = setting.split(",")
  const unknown = words.find((word) => KINDS.every((kind) => kind !== word))
  return unknown === undefined
    ? Result.succeed(KINDS.filter((kind) => words.includes(kind)))
    : Result.fail(`Unknown kind of events ${unknown} in MOSH_EVENTS: use all, none, or some of ${KINDS.join(",")}.`)
}

/** The capabilities of a terminal that shall get only the preferred kinds. */
export const restrict = (capabilities: Capabilities, preference: EventPreference): Capabilities => ({
  ...capabilities,
  bells: capabilities.bells && preference.includes("bells"),
  selections: preference.includes("clipboard") ? capabilities.selections : "",
  notifications: preference.includes("notifications") ? capabilities.notifications : [],
  marks: preference.includes("properties") ? capabilities.marks : "none",
  properties: capabilities.properties && preference.includes("properties")
})
