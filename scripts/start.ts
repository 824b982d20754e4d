/**
 * `npm start`: a session on this machine; `npm start -- [options] [user@]host`: a session on another one.
 */
import * as ChildProcess from "node:child_process"
import { fileURLToPath } from "node:url"
import { withoutNpm } from "./start-environment.ts"

const given = process.argv.slice(2)
const mosh = fileURLToPath(new URL("../bin/mosh.cjs", import.meta.url))
const child = ChildProcess.spawn(process.execPath, [mosh, ...(given.length === 0 ? ["--local"] : given)], {
  env: withoutNpm(process.env),
  stdio: "inherit"
})
// The terminal sends these to the whole process group; only the session may react.
for (const signal of ["SIGINT", "SIGQUIT"] as const) process.on(signal, () => undefined)
for (const signal of ["SIGTERM", "SIGHUP"] as const) process.on(signal, () => child.kill(signal))
child.on("error", (error) => {
  process.stderr.write(`mosh could not be started: ${error.message}\n`)
  process.exitCode = 1
})
child.on("exit", (code, signal) => {
  if (signal !== null) process.stderr.write(`mosh was ended by ${signal}\n`)
  process.exitCode = code ?? 1
})
