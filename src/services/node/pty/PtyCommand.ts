/**
 * The way from this process to a program, which node-pty alone cannot go all of.
 *
 * - A login shell has a name that begins with `-`; node-pty starts a program under its own name only.
 * - node-pty leaves the terminals of other sessions open in every program it starts (and whatever this process itself
 *   was given without close-on-exec), so that a session would not hang up while another lives. Node has no call that
 *   could mark or close them. On macOS, node-pty closes them itself.
 * - The limit of core dumps of this process need not be that of the program.
 *
 * Where one of these matters, and bash is there, bash does it and then becomes the program.
 */
import * as Fs from "node:fs"
import * as Path from "node:path"

const CLOSE_ON_EXEC = 0o2000000

const BASHES = ["/bin/bash", "/usr/bin/bash", "/usr/local/bin/bash"]

/** Shells that take `-l` for "you are a login shell". */
const LOGIN_FLAG = new Set(["ash", "bash", "dash", "elvish", "fish", "ksh", "ksh93", "mksh", "nu", "sh", "tcsh", "zsh"])

/** What a bash that serves no person drops from its environment. */
const PROMPTS = ["PS1", "PS2"]

/** The descriptors beyond standard error that a program would inherit. */
const inheritable = (): ReadonlyArray<number> => {
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
    // It was open only to list the directory.
    return false
  }
}

export interface Command {
  /** The program, as an absolute path. */
  readonly path: string
  readonly arguments: ReadonlyArray<string>
  readonly login: boolean
  /** As `ulimit -S -c` takes it; as it is, without it. */
  readonly coreLimit?: string | undefined
  readonly environment: Readonly<Record<string, string>>
}

/** What node-pty is to start: a path and its arguments. */
export const through = (command: Command): readonly [string, Array<string>] => {
  const { environment, login, path } = command
  const stray = inheritable()
  const { coreLimit = "0" } = command
  const lifts = coreLimit !== "0"
  const bash = BASHES.find((candidate) => Fs.existsSync(candidate))
  if (bash === undefined) {
    const flag = login && LOGIN_FLAG.has(Path.basename(path)) ? ["-l"] : []
    // Other shells count in units of 512 bytes.
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
  // -p: without the files and functions that an environment could name.
  return [
    bash,
    ["-p", "-c", script, name, ...prompts.map((prompt) => environment[prompt] ?? ""), path, ...command.arguments]
  ]
}
