/**
 * Finds this user's `mosh-server` processes by name, effect-mosh's and stock's.
 */
import * as ChildProcess from "node:child_process"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { elapsedMillis } from "../../../domain/registry/SessionReply.ts"

/** A running `mosh-server`. */
export interface ServerProcess {
  readonly pid: number
  /** Time since its start, ms; `undefined` if unknown. */
  readonly age: number | undefined
  readonly stock: boolean
  readonly parent: number
  /** Distinguishes the process from later ones with the same id. */
  readonly identity: string
}

const NAME = "mosh-server"
/** The unit of Linux's start times, ms, whatever the kernel's own clock. */
const TICK_MS = 10

/** This user's `mosh-server` processes, one per session. */
export const list = (): ReadonlyArray<ServerProcess> => {
  const found = Fs.existsSync("/proc/self/stat") ? numbers("/proc").flatMap(fromProc) : fromPs()
  // A stock session that still waits for its client has two processes, a parent and its child, which is omitted.
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
    // The name, in parentheses, may contain blanks; later fields do not.
    const stat = Fs.readFileSync(`/proc/${pid}/stat`, "latin1")
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
    const parent = Number(fields[1])
    const started = fields[19] ?? ""
    const uptime = Number(Fs.readFileSync("/proc/uptime", "latin1").split(" ")[0]) * 1000
    const age = Math.max(0, Math.round(uptime - Number(started) * TICK_MS))
    return [{ pid, age: Number.isFinite(age) ? age : undefined, stock: isStock(pid), parent, identity: started }]
  } catch {
    // The process has exited.
    return []
  }
}

/** Whether the process is a stock server. effect-mosh's is executed by Node. */
const isStock = (pid: number): boolean => {
  try {
    return Path.basename(Fs.readlinkSync(`/proc/${pid}/exe`)).replace(/ \(deleted\)$/, "") === NAME
  } catch {
    return true
  }
}

/**
 * The processes on systems without /proc. There, effect-mosh's servers are recognised by their answers, not by their
 * name.
 */
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

/** Whether a process still runs; exactly this one if its identity is known. */
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
