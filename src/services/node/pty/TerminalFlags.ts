/**
 * Reads the flags of a terminal's line discipline (`termios`), which Node cannot (docs/decisions/0009).
 *
 * `stty` reads them. To start a process from Node blocks this process for some ms, so it starts one shell, with the first
 * request, and that starts an `stty` for each. The shell ends with its standard input, so also with this process.
 */
import { type ChildProcess, spawn } from "node:child_process"
import type { LineDiscipline } from "../../../domain/terminal/InputEcho.ts"
import * as PtyCommand from "./PtyCommand.ts"

export interface TerminalFlags {
  /** Reads the flags of a terminal, by its path. Calls back once; must not be called again before that. */
  readonly read: (terminal: string, onFlags: (flags: LineDiscipline | undefined) => void) => void
  /** Ends the shell. The request that is not answered yet never is. */
  readonly close: () => void
}

/** An empty line where `stty` fails. */
const SCRIPT = 'while read -r terminal; do stty -g -F "$terminal" 2>/dev/null || echo; done'
/** How often a shell that ended is replaced. */
const MAX_STARTS = 3
/** Above this number of an inherited descriptor, no shell is started: see `start`. */
const MAX_DESCRIPTOR = 1024
/** More than `stty -g` prints, characters. */
const MAX_LINE = 4096

export const make = (): TerminalFlags => {
  let shell: ChildProcess | undefined
  let starts = 0
  let output = ""
  let answer: ((flags: LineDiscipline | undefined) => void) | undefined

  const finish = (flags: LineDiscipline | undefined): void => {
    const onFlags = answer
    answer = undefined
    output = ""
    onFlags?.(flags)
  }

  const start = (): ChildProcess | undefined => {
    if (starts++ >= MAX_STARTS) return undefined
    // The shell must not keep terminals open: their programs would not be hung up. Node cannot close descriptors in a child,
    // but replace them by /dev/null.
    const last = Math.max(2, ...PtyCommand.inheritable())
    if (last > MAX_DESCRIPTOR) return undefined
    const others = Array.from({ length: last - 2 }, () => "ignore" as const)
    const started = spawn("/bin/sh", ["-c", SCRIPT], { cwd: "/", stdio: ["pipe", "pipe", "ignore", ...others] })
    const ended = (): void => {
      if (shell !== started) return
      shell = undefined
      finish(undefined)
    }
    started.on("error", ended)
    started.on("exit", ended)
    started.stdin?.on("error", ended)
    started.stdout?.setEncoding("latin1")
    started.stdout?.on("data", (text: string) => {
      output = (output + text).slice(0, MAX_LINE)
      if (output.includes("\n")) finish(parse(output))
    })
    // A session's end does not wait for it.
    started.unref()
    for (const stream of [started.stdin, started.stdout])
      if (stream !== null && "unref" in stream && typeof stream.unref === "function") stream.unref()
    return started
  }

  return {
    read: (terminal, onFlags) => {
      try {
        shell ??= start()
      } catch {
        shell = undefined
      }
      if (shell === undefined) return onFlags(undefined)
      answer = onFlags
      shell.stdin?.write(`${terminal}\n`)
    },
    close: () => {
      starts = MAX_STARTS
      answer = undefined
      shell?.stdin?.end()
    }
  }
}

/** Linux's flags. */
const ICANON = 0x2
const ECHO = 0x8

/** The flags in the output of `stty -g`: the fourth of its hexadecimal numbers is `c_lflag`. */
export const parse = (output: string): LineDiscipline | undefined => {
  const [, local] = /^(?:[0-9a-f]+:){3}([0-9a-f]+):/.exec(output) ?? []
  if (local === undefined) return undefined
  const flags = Number.parseInt(local, 16)
  return { canonical: (flags & ICANON) !== 0, echo: (flags & ECHO) !== 0 }
}
