/**
 * The terminal while ssh logs in: the driver neither echoes nor edits what the user types ahead, and keeps it for the session.
 * This process does not read the terminal meanwhile, so nothing has to be handed over.
 *
 * ssh asks its questions on the same terminal. For a password it clears ECHO and ECHONL and restores both afterwards; for
 * any other question it leaves the modes alone. So ECHONL, which has no effect otherwise while nothing is typed, marks
 * which of the two ssh waits for.
 *
 * Signals of the keyboard stay on: Ctrl-C ends the login. Node restores the modes that this process started with at its end.
 */
import * as ChildProcess from "node:child_process"
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as Tty from "node:tty"

export interface LoginTerminal {
  /** Follows the questions of the ssh with this process id. */
  readonly watch: (pid: number) => void
  /** Ends the watch. The modes stay until `NodeLocalTerminal` sets its own. */
  readonly handOver: () => void
  /** Ends the watch, and restores the modes as they were before. */
  readonly giveBack: () => void
}

/**
 * Takes standard input. `undefined`, and nothing is changed, where it is no terminal, where ssh's questions cannot be
 * recognised, and where there is no stty(1).
 */
export const take = (): LoginTerminal | undefined => {
  if (process.platform !== "linux" || READ[process.arch] === undefined || !Tty.isatty(STDIN)) return undefined
  if (!hush()) return undefined
  let timer: NodeJS.Timeout | undefined
  let over = false
  const onStop = (): void => {
    raw(false)
    process.kill(process.pid, "SIGSTOP")
  }
  const onContinue = (): void => void (over || hush())
  const handOver = (): void => {
    over = true
    clearTimeout(timer)
    process.removeListener("SIGTSTP", onStop)
    process.removeListener("SIGCONT", onContinue)
  }
  const giveBack = (): void => {
    if (over) return
    handOver()
    raw(false)
  }
  process.on("SIGTSTP", onStop)
  process.on("SIGCONT", onContinue)

  const watch = (pid: number): void => {
    let unknown = 0
    let answered: string | undefined
    const look = (): void => {
      const question = pendingRead(pid)
      // A wrapper around ssh, or an ssh that hides its state, asks as it would without us.
      if (question === undefined && ++unknown > MOST_UNKNOWN) return giveBack()
      if (question === undefined || question === NONE || question === answered) return again()
      answered = question
      ChildProcess.execFile("stty", ["-F", TERMINAL, "-a"], (error, modes) => {
        // Only while ssh still waits in the same read are these the modes of its question.
        if (over || error !== null || pendingRead(pid) !== question) return again()
        if (!/(^|\s)-echonl\b/.test(modes)) return giveBack()
        ChildProcess.execFile("stty", ["-F", TERMINAL, ...EDITED], again)
      })
    }
    const again = (): void => {
      if (!over) timer = setTimeout(look, INTERVAL_MS).unref()
    }
    again()
  }
  return { watch, handOver, giveBack }
}

const STDIN = 0
/** Where ssh asks, whatever its standard input is. */
const TERMINAL = "/dev/tty"
/** ms between two looks at ssh: an echo that starts this late after a question goes unnoticed. */
const INTERVAL_MS = 30
/** Looks that may find no ssh: the shell that becomes ssh is there first. */
const MOST_UNKNOWN = 20

/** The number of read(2). */
const READ: Partial<Record<NodeJS.Architecture, number>> = { x64: 0, arm64: 63 }

/** Ctrl-\ would end this process without a chance to restore the terminal, so it is a key for the session. */
const QUIET = ["isig", "echonl", "quit", "undef"]
/** A password may be corrected while it is typed. ssh's own modes decide that it is not echoed. */
const EDITED = ["icanon", "icrnl", "iexten"]

/** Sets the modes for a login. Node's raw mode comes first, because Node then knows what to restore. */
const hush = (): boolean => {
  raw(false)
  raw(true)
  const { status } = ChildProcess.spawnSync("stty", QUIET, { stdio: ["inherit", "ignore", "ignore"] })
  if (status !== 0) raw(false)
  return status === 0
}

const raw = (on: boolean): void => {
  try {
    process.stdin.setRawMode(on)
  } catch {
    // The terminal is gone; ssh and the client will notice.
  }
}

const NONE = "none"

/**
 * The read of the terminal that an ssh waits in, distinct from its earlier reads; `NONE` while it waits for something else;
 * `undefined` if the process is no ssh, or its state cannot be read.
 */
const pendingRead = (pid: number): string | undefined => {
  try {
    const path = (name: string): string => `/proc/${pid}/${name}`
    if (Path.basename(Fs.readlinkSync(path("exe"))) !== "ssh") return undefined
    const [number, descriptor] = Fs.readFileSync(path("syscall"), "latin1").split(" ")
    if (number !== String(READ[process.arch]) || descriptor === undefined) return NONE
    if (Fs.readlinkSync(path(`fd/${Number(descriptor)}`)) !== "/dev/tty") return NONE
    const switches = /^voluntary_ctxt_switches:\s*(\d+)/m.exec(Fs.readFileSync(path("status"), "latin1"))
    return switches?.[1]
  } catch {
    return undefined
  }
}
