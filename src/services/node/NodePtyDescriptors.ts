/**
 * Keeps open files of this process from the programs it starts.
 *
 * node-pty leaves the terminals of other sessions open in every program it starts (and whatever this process itself was
 * given without close-on-exec), so that a session would not hang up while another lives. Node has no call that could mark
 * or close them, hence bash does it on the way to the program, if there is anything to close and bash is there. On macOS,
 * node-pty closes them itself.
 */
import * as Fs from "node:fs"

const CLOSE_ON_EXEC = 0o2000000

const BASH = "/bin/bash"

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

/** The command that runs a program without them: a path and its arguments. */
export const withoutInherited = (path: string, args: ReadonlyArray<string>): readonly [string, Array<string>] => {
  const stray = inheritable()
  if (stray.length === 0 || !Fs.existsSync(BASH)) return [path, [...args]]
  const script = `exec ${stray.map((fd) => `${fd}>&-`).join(" ")}; exec "$0" "$@"`
  // -p: without the files and functions that an environment could name.
  return [BASH, ["-p", "-c", script, path, ...args]]
}
