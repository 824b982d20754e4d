/**
 * The foreground process group of a session's terminal, and what it waits for, from Linux's `/proc`.
 *
 * Everything here is read synchronously: some 100 µs in all. Where the system does not show something (another user's
 * process, a kernel without these files), the result is `undefined`, or the cautious one.
 */
import * as Fs from "node:fs"
import * as LineEditors from "../../../domain/session/LineEditors.ts"
import type { Reader } from "../../../domain/terminal/InputEcho.ts"

/** The foreground of the terminal of a session's program. */
export interface ForegroundGroup {
  /** The path of the terminal: `/dev/pts/N`. */
  readonly terminal: string
  /** The process group's number: the process id of its leader. */
  readonly group: number
  readonly reader: Reader | undefined
  /** Which process waits in which system call with which arguments: another one if it did something else in between. */
  readonly call: string
  /** The number of that call, the stack pointer and the program counter: where in its program the process waits. */
  readonly place: string
  /** Which program the process runs: another one after it executed another file. */
  readonly image: string
}

/** How many processes of a group may wait for each other, as scripts do. */
const MAX_DEPTH = 4

/** The foreground group of the terminal of process `pid`; `undefined` if it has no pseudo-terminal, or is gone. */
export const of = (pid: number): ForegroundGroup | undefined => {
  const own = statusOf(pid)
  if (own === undefined || own.foreground <= 0) return undefined
  const terminal = pathOf(own.terminal)
  if (terminal === undefined) return undefined
  const group = own.foreground
  const hidden = { terminal, group, call: `${group}`, place: "", image: "", reader: undefined }
  // A process that is not the session's own may have children that the session's own started.
  let isAlone = group === pid || readersAmong(pid, group, terminal)?.every((child) => child === group) === true
  let reading = group
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    const call = read(`/proc/${reading}/syscall`)
    const status = reading === pid ? own : statusOf(reading)
    const children = readersAmong(reading, group, terminal)
    if (call === undefined || status === undefined || children === undefined) return hidden
    const [child] = children
    if (isWait(call) && children.length === 1 && child !== undefined) {
      reading = child
      continue
    }
    isAlone &&= children.length === 0
    const waits = waitsFor(reading, call, terminal)
    const isThreaded = status.threads > 1 && reading !== pid && !LineEditors.isShell(status.name)
    // Which of its threads reads the terminal is not known.
    if (isThreaded && waits === "No") return hidden
    const isReader = isAlone && !isThreaded
    const reader: Reader = {
      hasLineEditor: (reading === pid || isReader) && isPrompting(reading, status.name, terminal),
      isAlone: isReader,
      waits
    }
    return {
      terminal,
      group,
      call: `${reading} ${call}`,
      place: placeOf(call),
      image: imageOf(reading, status),
      reader
    }
  }
  return hidden
}

const imageOf = (pid: number, { name, stack }: Status): string => `${pid} ${name} ${stack}`

/** Whether the process of an image still runs the program that it ran. */
export const isRunning = (image: string): boolean => {
  const pid = Number.parseInt(image, 10)
  const status = statusOf(pid)
  return status !== undefined && imageOf(pid, status) === image
}

/** Whether a process prompts for lines with a line editor that is known: not one that runs a script. */
const isPrompting = (pid: number, name: string, terminal: string): boolean => {
  const input = linkOf(`/proc/${pid}/fd/0`)
  return input !== undefined && isTerminal(input, terminal) && LineEditors.prompts(name, argumentsOf(pid))
}

interface Status {
  readonly name: string
  readonly state: string
  readonly group: number
  /** The device number of the controlling terminal. */
  readonly terminal: number
  /** The terminal's foreground process group; -1 without one. */
  readonly foreground: number
  readonly threads: number
  /** The address where its stack begins, which the kernel chooses at random for each program that it executes. */
  readonly stack: string
}

const statusOf = (pid: number): Status | undefined => {
  const stat = read(`/proc/${pid}/stat`)
  if (stat === undefined) return undefined
  // The name, in parentheses, may contain blanks and parentheses; later fields do not.
  const end = stat.lastIndexOf(")")
  const fields = stat.slice(end + 2).split(" ")
  const [state = "", , group, , terminal, foreground] = fields
  return {
    name: stat.slice(stat.indexOf("(") + 1, end),
    state,
    group: Number(group),
    terminal: Number(terminal),
    foreground: Number(foreground),
    threads: Number(fields[17]),
    stack: fields[25] ?? ""
  }
}

/** The arguments of a process, after its name; one that no shell accepts if the system does not show them. */
const argumentsOf = (pid: number): ReadonlyArray<string> =>
  read(`/proc/${pid}/cmdline`)?.split("\0").slice(1, -1) ?? [""]

/** The major device numbers of pseudo-terminals' slaves, each for 256 of them. */
const FIRST_MAJOR = 136
const LAST_MAJOR = 143

const pathOf = (device: number): string | undefined => {
  const major = (device >>> 8) & 0xfff
  if (major < FIRST_MAJOR || major > LAST_MAJOR) return undefined
  const minor = (device & 0xff) | ((device >>> 12) & 0xfff00)
  return `/dev/pts/${(major - FIRST_MAJOR) * 256 + minor}`
}

/** The children of a process that are in the group, and may read the terminal; `undefined` if the system does not show them. */
const readersAmong = (pid: number, group: number, terminal: string): ReadonlyArray<number> | undefined =>
  read(`/proc/${pid}/task/${pid}/children`)
    ?.split(" ")
    .filter((child) => child !== "")
    .map(Number)
    .filter((child) => {
      const status = statusOf(child)
      if (status === undefined || status.group !== group || status.state === "Z") return false
      const input = linkOf(`/proc/${child}/fd/0`)
      return input === undefined || isTerminal(input, terminal)
    })

interface Calls {
  readonly read: number
  readonly poll: ReadonlySet<number>
  readonly wait: ReadonlySet<number>
}

/**
 * The numbers of system calls: `read`; `poll`, `select`, `pselect6`, `ppoll`, `epoll_wait`, `epoll_pwait`, `epoll_pwait2`; `wait4`,
 * `waitid`.
 */
const CALLS: Readonly<Record<string, Calls>> = {
  x64: { read: 0, poll: new Set([7, 23, 270, 271, 232, 281, 441]), wait: new Set([61, 247]) },
  arm64: { read: 63, poll: new Set([72, 73, 22, 441]), wait: new Set([260, 95]) }
}

/** Whether a process waits for a child. Calls are given in the form of `/proc/PID/syscall`. */
const isWait = (call: string): boolean => CALLS[process.arch]?.wait.has(Number.parseInt(call, 10)) ?? false

const waitsFor = (pid: number, call: string, terminal: string): Reader["waits"] => {
  const calls = CALLS[process.arch]
  const [number, argument] = call.split(" ")
  if (calls === undefined || number === undefined) return "No"
  if (calls.poll.has(Number(number))) return "InPoll"
  if (Number(number) !== calls.read || argument === undefined) return "No"
  const file = linkOf(`/proc/${pid}/fd/${Number(argument)}`)
  return file !== undefined && isTerminal(file, terminal) ? "InRead" : "No"
}

/** The kernel shows six arguments between the call's number and the two registers. */
const placeOf = (call: string): string => call.trim().split(" ").toSpliced(1, 6).join(" ")

const isTerminal = (file: string, terminal: string): boolean => file === terminal || file === "/dev/tty"

const read = (path: string): string | undefined => {
  try {
    return Fs.readFileSync(path, "latin1")
  } catch {
    return undefined
  }
}

const linkOf = (path: string): string | undefined => {
  try {
    return Fs.readlinkSync(path)
  } catch {
    return undefined
  }
}
