/**
 * Builds the command line for node-pty, which cannot do all that starting a program requires:
 *
 * - A login shell's `argv[0]` begins with `-`; node-pty passes only the program's own name.
 * - node-pty lets every program inherit the terminals of other sessions (and descriptors that this process inherited
 *   without close-on-exec), so a session would not hang up while another one lives. Node cannot mark or close these
 *   descriptors. On macOS, node-pty closes them itself.
 * - This process's limit on core dumps may differ from the program's.
 *
 * If one of these matters and bash is installed, bash does it, and then replaces itself by the program.
 */
import * as Fs from "node:fs"
import * as Path from "node:path"

const CLOSE_ON_EXEC = 0o2000000

const BASHES = ["/bin/bash", "/usr/bin/bash", "/usr/local/bin/bash"]

/** Shells whose option `-l` makes them login shells. */
const LOGIN_FLAG = new Set(["ash", "bash", "dash", "elvish", "fish", "ksh", "ksh93", "mksh", "nu", "sh", "tcsh", "zsh"])

/** Variables that a non-interactive bash removes from its environment. */
const PROMPTS = ["PS1", "PS2"]

/** The descriptors above standard error that a program would inherit. */
export const inheritable = (): ReadonlyArray<number> => {
  try {
    return Fs.readdirSync("/proc/self/fd")
      .map(Number)
      .filter((fd) => fd > 2 && isInheritable(fd))
  } catch {
    return []
  }
}

const isInheritable = (fd: number): boolean => {
  try {
    const [, flags] = /^flags:\s*([0-7]+)/m.exec(Fs.readFileSync(`/proc/self/fdinfo/${fd}`, "latin1")) ?? []
    return flags !== undefined && (Number.parseInt(flags, 8) & CLOSE_ON_EXEC) === 0
  } catch {
    // This was the descriptor that listed the directory.
    return false
  }
}

/** The program to start. */
export interface Command {
  /** The program's absolute path. */
  readonly path: string
  readonly arguments: ReadonlyArray<string>
  readonly login: boolean
  /** The soft limit on core dumps, in the syntax of `ulimit -S -c`. Default: this process's. */
  readonly coreLimit?: string | undefined
  readonly environment: Readonly<Record<string, string>>
}

/** The path and the arguments to pass to node-pty. */
export const through = (command: Command): readonly [string, Array<string>] => {
  const { environment, login, path } = command
  const stray = inheritable()
  const { coreLimit = "0" } = command
  const lifts = coreLimit !== "0"
  const bash = BASHES.find((candidate) => Fs.existsSync(candidate))
  if (bash === undefined) {
    const flag = login && LOGIN_FLAG.has(Path.basename(path)) ? ["-l"] : []
    // Other shells than bash count in units of 512 bytes.
    const units = coreLimit === "unlimited" ? coreLimit : `${2 * Number(coreLimit)}`
    if (lifts) return ["/bin/sh", ["-c", `ulimit -S -c ${units}; exec "$0" "$@"`, path, ...flag, ...command.arguments]]
    return [path, [...flag, ...command.arguments]]
  }
  if (stray.length === 0 && !lifts && !login) return [path, [...command.arguments]]
  const prompts = PROMPTS.filter((name) => environment[name] !== undefined)
  const script = [
    ...prompts.map((name) => `export ${name}="$1"; shift;`),
    ...(lifts ? [`ulimit -S -c ${coreLimit};`] : []),
    ...(stray.length === 0 ? [] : [`exec ${stray.map((fd) => `${fd}>&-`).join(" ")};`]),
    `exec -a "$0" "$@"`
  ].join(" ")
  const name = login ? `-${Path.basename(path)}` : path
  // -p: ignore startup files and functions that the environment defines.
  return [
    bash,
    ["-p", "-c", script, name, ...prompts.map((prompt) => environment[prompt] ?? ""), path, ...command.arguments]
  ]
}
