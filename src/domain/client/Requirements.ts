/**
 * Checks what a client needs from its environment: a UTF-8 locale, `TERM` (spec 1.11), and settings that it knows.
 */
import * as Result from "effect/Result"
import * as Locale from "../environment/Locale.ts"
import * as EventPreference from "./EventPreference.ts"
import * as ImagePreference from "./ImagePreference.ts"
import * as ScrollbackPreference from "./ScrollbackPreference.ts"

/**
 * The lines that tell the user why no session is possible here; none if one is. `screen`: whether output is a terminal.
 */
export const obstacles = (environment: Locale.Environment, screen: boolean): ReadonlyArray<string> => {
  const charset = Locale.charmapByName(environment)
  if (!Locale.isUtf8(charset))
    return [
      "mosh-client needs a UTF-8 native locale to run.",
      "",
      `Unfortunately, the client's environment (${describe(environment)}) specifies`,
      `the character set "${charset}".`,
      "",
      "Try it with another: LC_ALL=C.UTF-8 mosh …"
    ]
  if (screen && (environment["TERM"] ?? "") === "") return ["TERM environment variable not set."]
  const scrollback = ScrollbackPreference.parse(environment["MOSH_SCROLLBACK"])
  if (Result.isFailure(scrollback)) return [scrollback.failure]
  const events = EventPreference.parse(environment["MOSH_EVENTS"])
  if (Result.isFailure(events)) return [events.failure]
  const images = ImagePreference.parse(environment["MOSH_IMAGES"])
  return Result.isFailure(images) ? [images.failure] : []
}

const describe = (environment: Locale.Environment): string => {
  const decisive = ["LC_ALL", "LC_CTYPE", "LANG"].find((variable) => (environment[variable] ?? "") !== "")
  return decisive === undefined ? "[no charset variables]" : `${decisive}=${environment[decisive]}`
}
