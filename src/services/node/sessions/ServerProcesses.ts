/**
 * The processes of this user that keep mosh sessions, ours and stock's, by their name: `mosh-server`.
 */
import * as ChildProcess from "node:child_process"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { elapsedMillis } from "../../../domain/session/SessionReply.ts"

export interface ServerProcess {
  readonly pid: number
  /** Since its start, ms; `undefined` when that is not known. */
  readonly age: number | undefined
  readonly stock: boolean
  readonly parent: number
  /** Another process with the same number has another one. */
  readonly identity: string
}

const NAME = "mosh-server"
/** Linux counts in hundredths of a second here, whatever its own clock. */
const TICK_MS = 10

export const list = (): ReadonlyArray<ServerProcess> => {
  const found = Fs.existsSync("/proc/self/stat") ? numbers("/proc").flatMap(fromProc) : fromPs()
  // A session of stock mosh that still waits for its client has two, of which one is the other's child.
  return found.filter(({ parent }) => !found.some(({ pid }) => pid === parent))
}

const numbers = (directory: string): ReadonlyArray<number> =>
  Fs.readdirSync(directory)
    .filter((name) => /^\d+$/.test(name))
    .map(Number)

const fromProc = (pid: number): ReadonlyArray<ServerProcess> => {
  try {
    const status = Fs.readFileSync(`/proc/${pid}/status`, "latin1")
    const [, user] = /^Uid:\s*(\d+)/m.exec(status) ?? []
    if (
      !status.startsWith(`Name:\t${NAME}\n`) ||
      Number(user) !== process.getuid?.() ||
      /^State:\s*[ZX]/m.test(status)
    ) {
      return []
    }
    // The name, in parentheses, may hold blanks; the fields after it do not.
    const stat = Fs.readFileSync(`/proc/${pid}/stat`, "latin1")
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
    const parent = Number(fields[1])
    const started = fields[19] ?? ""
    const uptime = Number(Fs.readFileSync("/proc/uptime", "latin1").split(" ")[0]) * 1000
    const age = Math.max(0, Math.round(uptime - Number(started) * TICK_MS))
    return [{ pid, age: Number.isFinite(age) ? age : undefined, stock: isStock(pid), parent, identity: started }]
  } catch {
    // It ended meanwhile.
    return []
  }
}

/** Ours is run by Node. */
const isStock = (pid: number): boolean => {
  try {
    return Path.basename(Fs.readlinkSync(`/proc/${pid}/exe`)).replace(/ \(deleted\)$/, "") === NAME
  } catch {
    return true
  }
}

/** Elsewhere ours is not known by that name, but by its answers. */
const fromPs = (): ReadonlyArray<ServerProcess> => {
  const user = String(process.getuid?.() ?? "")
  const asked = ChildProcess.spawnSync("ps", ["-u", user, "-o", "pid=,ppid=,etime=,comm="], { encoding: "utf8" })
  return (asked.stdout ?? "").split("\n").flatMap((line) => {
    const [, pid = "", parent = "", elapsed = "", command = ""] =
      /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*?)\s*$/.exec(line) ?? []
    return Path.basename(command) === NAME
      ? [{ pid: Number(pid), age: elapsedMillis(elapsed), stock: true, parent: Number(parent), identity: pid }]
      : []
  })
}

/** Whether a process is still there; the very same one, where its identity is known. */
export const isRunning = (pid: number, identity: string | undefined): boolean =>
  identity === undefined || !Fs.existsSync("/proc/self/stat") ? exists(pid) : fromProc(pid)[0]?.identity === identity

const exists = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
