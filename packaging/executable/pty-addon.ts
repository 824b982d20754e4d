/**
 * Loads node-pty's native part from the executable.
 *
 * The system loads native code from files only. A file without a name is used: no other user can open or replace it, and
 * it ceases to exist after it was loaded.
 */
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as Sea from "node:sea"
import * as TrustedPath from "../../src/services/node/files/TrustedPath.ts"

/** Linux: creates a file in the filesystem of a directory, without a name. */
const O_TMPFILE = 0o20200000

/**
 * The directories to try. Any of them may be missing, read-only, without support for nameless files, or mounted `noexec`. A
 * directory that another user can write to is skipped, because that user could replace the code. sudo with a preserved
 * environment may name such a directory.
 */
export const directories = ({ HOME, TMPDIR, XDG_RUNTIME_DIR }: NodeJS.ProcessEnv): ReadonlyArray<string> =>
  [XDG_RUNTIME_DIR, "/dev/shm", TMPDIR || "/tmp", "/var/tmp", HOME].flatMap((directory) =>
    directory === undefined || directory === "" ? [] : (TrustedPath.trusted(directory) ?? [])
  )

/** Returns node-pty's only native module on Linux, for its name. */
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

/** For filesystems without nameless files: a file in a new directory that only this user can read. */
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
