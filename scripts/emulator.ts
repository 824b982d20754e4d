/**
 * Runs programs of another architecture under qemu's user-mode emulation.
 *
 * Debian: `apt install qemu-user-static libc6-arm64-cross libstdc++6-arm64-cross`.
 */
import * as Fs from "node:fs"
import * as Path from "node:path"
import type { Architecture } from "./package.ts"

/** Linux's names. */
const MACHINES: Readonly<Record<Architecture, string>> = { x64: "x86_64", arm64: "aarch64" }

export interface Emulator {
  /** qemu's executable. */
  readonly file: string
  /** The root directory of the emulated programs' loader and libraries. */
  readonly libraries: string
}

/** The installed emulator for an architecture, or why there is none. */
export const find = (architecture: Architecture): Emulator | string => {
  const machine = MACHINES[architecture]
  const candidates = (process.env["PATH"] ?? "")
    .split(":")
    .flatMap((directory) => ["-static", ""].map((suffix) => Path.join(directory, `qemu-${machine}${suffix}`)))
  const file = candidates.find((candidate) => Fs.existsSync(candidate))
  if (file === undefined) return `qemu-${machine} is not installed (Debian: qemu-user-static)`
  const libraries = `/usr/${machine.replace("_", "-")}-linux-gnu`
  const [cross] = ["libstdc++.so.6"].filter((library) => !Fs.existsSync(Path.join(libraries, "lib", library)))
  if (cross !== undefined)
    return `${cross} for ${architecture} is not installed (Debian: libstdc++6-${architecture}-cross)`
  return { file, libraries }
}

/** The words before a program of that architecture to run it here; none on a machine of that architecture. */
export const prefix = (architecture: Architecture): ReadonlyArray<string> | undefined => {
  if (architecture === process.arch) return []
  const found = find(architecture)
  return typeof found === "string" ? undefined : [found.file, "-L", found.libraries]
}
