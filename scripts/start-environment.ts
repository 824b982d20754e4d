/**
 * Removes from the environment of `npm start` what npm adds for its scripts, because a session would inherit it.
 */
import * as Path from "node:path"

type Environment = Readonly<Record<string, string | undefined>>

/** npm's own variables besides `npm_*`. `EDITOR` is npm's only if it has npm's default value. */
const ADDED = ["INIT_CWD", "NODE", "COLOR"]
const NPM_EDITOR = "vi"

export const withoutNpm = (environment: Environment): Environment =>
  Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) => {
      if (/^npm_/i.test(name) || ADDED.includes(name) || (name === "EDITOR" && value === NPM_EDITOR)) return []
      return [[name, name === "PATH" && value !== undefined ? pathWithoutNpm(value) : value]]
    })
  )

/** npm prepends the directories of its programs: `node_modules/.bin` of each parent directory, and node-gyp's. */
const pathWithoutNpm = (path: string): string => {
  const entries = path.split(Path.delimiter)
  const first = entries.findIndex((entry) => !/[\\/]node_modules[\\/]\.bin$|[\\/]node-gyp-bin$/.test(entry))
  return entries.slice(Math.max(first, 0)).join(Path.delimiter)
}
