/**
 * Ends the processes that a test process leaves behind. If it is interrupted or killed, it runs no finalizers, and
 * servers and terminals outlive their parents by design.
 */
import { spawn } from "node:child_process"
import { readFileSync } from "node:fs"
import type { Writable } from "node:stream"

/** Reads `PID STARTED` until this process's end of the pipe closes; then ends those that are still the same processes. */
const REAPER = `
all=
while read -r pid started; do all="$all $pid:$started"; done
for one in $all; do
  pid=\${one%:*}
  set -- $(sed 's/.*) //' "/proc/$pid/stat" 2>/dev/null)
  [ "\${20}" = "\${one#*:}" ] && kill -9 "$pid"
done`

let reaper: Writable | undefined

/** Ensures that a process that a test started does not outlive this process. The test should end it itself. */
export const endWithUs = (pid: number): void => {
  const started = startedAt(pid)
  if (started !== undefined) (reaper ??= startReaper()).write(`${pid} ${started}\n`)
}

const startReaper = (): Writable => {
  // In a process group of its own, so that Ctrl-C does not end it.
  const child = spawn("/bin/sh", ["-c", REAPER], { detached: true, stdio: ["pipe", "ignore", "ignore"] })
  child.on("error", () => undefined)
  child.stdin.on("error", () => undefined)
  child.unref()
  if ("unref" in child.stdin && typeof child.stdin.unref === "function") child.stdin.unref()
  return child.stdin
}

/** Another process with the same number has another time; `undefined` where the system does not show it. */
const startedAt = (pid: number): string | undefined => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1")
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]
  } catch {
    return undefined
  }
}
