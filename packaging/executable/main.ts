/**
 * The single executable: `mosh`, `mosh-client` and `mosh-server` in one file. The name of the file selects the program.
 * Under any other name (`effect-mosh-0.1.0-linux-x64`), the first argument may name the program; otherwise it is `mosh`.
 */
import * as Path from "node:path"
import launch from "../../bin/launch.cjs"
import { CHOICE, type Program } from "../../src/programs/shared/programPaths.ts"

/** Loading a program runs it. */
const PROGRAMS: Readonly<Record<Program, () => Promise<unknown>>> = {
  mosh: () => import("../../src/programs/mosh/main.ts"),
  "mosh-client": () => import("../../src/programs/mosh-client/main.ts"),
  "mosh-server": () => import("../../src/programs/mosh-server/main.ts"),
  "mosh-server-session": () => import("../../src/programs/mosh-server/sessionProcess.ts")
}

const isProgram = (name: string | undefined): name is Program => name !== undefined && Object.hasOwn(PROGRAMS, name)

/** Removes the first of the user's arguments. */
const shift = (): string => process.argv.splice(2, 1)[0] ?? ""

const choose = (): Program => {
  const first = process.argv[2]
  if (first?.startsWith(CHOICE) === true && isProgram(first.slice(CHOICE.length))) {
    shift()
    return first.slice(CHOICE.length) as Program
  }
  const called = Path.basename(process.argv0)
  if (isProgram(called)) return called
  if (!isProgram(first)) return "mosh"
  shift()
  return first
}

const program = choose()
launch.prepare(program)
void PROGRAMS[program]()
