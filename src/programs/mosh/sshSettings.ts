/**
 * Asks ssh for its settings while the program loads: of everything needed before the login, this takes longest.
 */
import * as ChildProcess from "node:child_process"
import * as SshCommand from "../../domain/bootstrap/SshCommand.ts"
import type { SessionRequest } from "../../domain/arguments/WrapperArguments.ts"

/** What `ssh -G` prints; empty if it fails. `undefined` when it need not or cannot be asked. */
export const ask = ({ place }: SessionRequest): Promise<string> | undefined => {
  if (place._tag === "Local" || !SshCommand.tellsSettings(place)) return undefined
  const [program = "", ...parameters] = SshCommand.settingsCommand(place)
  return new Promise((resolve) => {
    const options = { encoding: "utf8", timeout: TIMEOUT_MS } as const
    const child = ChildProcess.execFile(program, parameters, options, (error, stdout) => {
      resolve(error === null ? stdout : "")
    })
    child.stdin?.end()
  })
}

/** Settings are read from files; anything that takes longer is stuck. */
const TIMEOUT_MS = 5000
