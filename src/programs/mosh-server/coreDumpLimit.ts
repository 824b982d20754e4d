/**
 * Keeps the session's key and screen out of core dumps: the session process leaves none, the program in it keeps its limit
 * (spec 1.8). Node cannot change its limits, so a shell lowers the limit and then becomes the process.
 */
import * as Fs from "node:fs"

/** The core limit of this process, as shells write it: `unlimited`, or units of 1024 bytes. */
export const present = (): string | undefined => {
  try {
    const [, soft] = /^Max core file size\s+(\d+|unlimited)/m.exec(Fs.readFileSync("/proc/self/limits", "latin1")) ?? []
    if (soft === undefined || soft === "unlimited") return soft
    return String(Math.floor(Number(soft) / 1024))
  } catch {
    // A system without /proc leaves no core dumps by default.
    return undefined
  }
}

/** The same command with a limit of 0. */
export const without = (command: ReadonlyArray<string>): ReadonlyArray<string> => [
  "/bin/sh",
  "-c",
  'ulimit -S -c 0; exec "$@"',
  "mosh-server",
  ...command
]
