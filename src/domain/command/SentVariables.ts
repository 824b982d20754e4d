/**
 * The environment variables that ssh's settings send to the server: `SendEnv` and `SetEnv`, as `ssh -G` prints them.
 */
import type { Environment } from "../environment/Locale.ts"
import { MAX_VARIABLE, MAX_VARIABLES } from "./CommandRequest.ts"

/** Names and values, at most as many and as long as a request takes; others are left out. */
export const of = (settings: string, environment: Environment): ReadonlyArray<readonly [string, string]> => {
  const sent = new Map<string, string>()
  for (const line of settings.split(/\r?\n/)) {
    const [, keyword, value = ""] = /^(sendenv|setenv) (.+)$/.exec(line) ?? []
    if (keyword === "sendenv") {
      for (const [name, text] of Object.entries(environment))
        if (text !== undefined && value.split(" ").some((pattern) => matches(pattern, name))) sent.set(name, text)
    } else if (keyword === "setenv") {
      const equals = value.indexOf("=")
      if (equals > 0) sent.set(value.slice(0, equals), value.slice(equals + 1))
    }
  }
  return [...sent]
    .filter(
      ([name, text]) => NAME.test(name) && !text.includes("\0") && 3 * (name.length + text.length) <= MAX_VARIABLE
    )
    .slice(0, MAX_VARIABLES)
}

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/

/** Whether a name matches a pattern of ssh_config(5): `*` is any text, `?` any character. */
const matches = (pattern: string, name: string): boolean =>
  new RegExp(
    `^${pattern
      .replace(/[^\w*?]/g, "\\$&")
      .replaceAll("*", ".*")
      .replaceAll("?", ".")}$`
  ).test(name)
