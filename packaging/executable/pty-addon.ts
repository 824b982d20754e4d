/**
 * node-pty's native part, out of the executable.
 *
 * The system loads such code from files only. This file has no name, so nobody else can open it, put another in its
 * place or find it left behind: it is gone when it is loaded.
 */
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as Sea from "node:sea"
import * as TrustedPath from "../../src/services/node/files/TrustedPath.ts"

/** Linux: a file of that directory's filesystem that is in no directory. */
const O_TMPFILE = 0o20200000

/**
 * Any of them may be missing, read-only, without room for files without a name, or without permission to execute. One that
 * another user can change, as sudo with a preserved environment may name it, is not used: that user could put other code
 * in the place of ours.
 */
export const directories = ({ HOME, TMPDIR, XDG_RUNTIME_DIR }: NodeJS.ProcessEnv): ReadonlyArray<string> =>
  [XDG_RUNTIME_DIR, "/dev/shm", TMPDIR || "/tmp", "/var/tmp", HOME].flatMap((directory) =>
    directory === undefined || directory === "" ? [] : (TrustedPath.trusted(directory) ?? [])
  )

/** What node-pty asks for by name is the one file it has on Linux. */
export const requireBinary = (name: string): unknown => {
  const code = new Uint8Array(Sea.getRawAsset(name))
  const complaints: Array<string> = []
  for (const directory of directories(process.env)) {
    for (const load of [loadNameless, loadAndRemove]) {
      try {
        return load(directory, code)
      } catch (error) {
        complaints.push(`${directory}: ${error instanceof Error ? error.message : String(error)}`)
      }
    }
  }
  throw new Error(`no directory to load ${name} from: ${complaints.join("; ")}`)
}

const loadNameless = (directory: string, code: Uint8Array): unknown => {
  const file = Fs.openSync(directory, O_TMPFILE | Fs.constants.O_RDWR, 0o600)
  try {
    Fs.writeFileSync(file, code)
    return open(`/proc/self/fd/${file}`)
  } finally {
    Fs.closeSync(file)
  }
}

/** For filesystems that have no files without a name: one with a name that nobody knows, where nobody else can look. */
const loadAndRemove = (directory: string, code: Uint8Array): unknown => {
  const own = Fs.mkdtempSync(Path.join(directory, "effect-mosh-"))
  try {
    const file = Path.join(own, "addon")
    Fs.writeFileSync(file, code, { mode: 0o600, flag: "wx" })
    return open(file)
  } finally {
    Fs.rmSync(own, { recursive: true, force: true })
  }
}

const open = (path: string): unknown => {
  const addon = { exports: {} }
  process.dlopen(addon, path)
  return addon.exports
}
