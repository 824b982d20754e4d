/**
 * Lets a session outlive the login that started it, if systemd would end it at logout.
 *
 * The queries run while the session process starts. Without systemd or a login session, there are none.
 */
import * as ChildProcess from "node:child_process"
import * as Fs from "node:fs"
import * as Os from "node:os"
import { setTimeout as sleep } from "node:timers/promises"
import * as Logind from "../../domain/session/Logind.ts"

/** What this module uses of the system. */
export interface System {
  /** Whether systemd runs this machine (sd_booted(3)). */
  readonly booted: () => boolean
  /** The text of `/proc/PID/cgroup`. */
  readonly cgroup: (pid: number | "self") => string
  /** What a command prints; `undefined` if it fails, or takes longer than `patience`, ms. */
  readonly run: (command: ReadonlyArray<string>, patience: number) => Promise<string | undefined>
  readonly user: () => { readonly uid: number; readonly name: string }
}

/**
 * How long logind may take to answer, ms. It is asked while Node starts, which usually takes longer. A shorter limit loses the
 * answer on a busy machine, and without it the session stays where a logout ends it.
 */
const ANSWER_PATIENCE = 2000
/** How long the move may take, ms: the user waits, but the session depends on it. */
const MOVE_PATIENCE = 2000
const STEP = 10

/** What a logout would do to programs of this login session. */
export const ask = async (system: System): Promise<Logind.Logout> => {
  if (!system.booted() || !Logind.inLoginSession(system.cgroup("self"))) return "Stays"
  const { name, uid } = system.user()
  const [machine, person] = await Promise.all(
    [Logind.HOST_QUERY, Logind.userQuery(uid)].map((question) => system.run(question, ANSWER_PATIENCE))
  )
  return Logind.decide(name, machine, person)
}

/** Moves the session process out of the login session if needed. Returns a warning for the user, if there is one. */
export const keep = async (system: System, logout: Logind.Logout, pid: number): Promise<string | undefined> =>
  Logind.warning(logout, logout !== "Stays" && (await move(system, pid)))

/** The service manager confirms the request; the process's control group shows that it is done. */
const move = async (system: System, pid: number): Promise<boolean> => {
  if ((await system.run(Logind.moveToScope(pid), MOVE_PATIENCE)) === undefined) return false
  for (let waited = 0; waited < MOVE_PATIENCE; waited += STEP) {
    if (!Logind.inLoginSession(system.cgroup(pid))) return true
    await sleep(STEP)
  }
  return false
}

export const system: System = {
  booted: () => Fs.existsSync("/run/systemd/system"),
  cgroup: (pid) => {
    try {
      return Fs.readFileSync(`/proc/${pid}/cgroup`, "utf8")
    } catch {
      return ""
    }
  },
  run: ([program = "", ...parameters], timeout) =>
    new Promise((resolve) => {
      const child = ChildProcess.execFile(
        program,
        parameters,
        { encoding: "utf8", timeout, env: { XDG_RUNTIME_DIR: `/run/user/${process.getuid?.()}`, ...process.env } },
        (error, stdout) => resolve(error === null ? stdout : undefined)
      )
      child.stdin?.end()
    }),
  user: () => {
    const uid = process.getuid?.() ?? 0
    try {
      return { uid, name: Os.userInfo().username }
    } catch {
      return { uid, name: String(uid) }
    }
  }
}
