/**
 * The single executable and its Debian package, built here and used without Node.
 */
import { afterAll, beforeAll, describe, expect, it, type TestContext } from "vitest"
import { execFileSync } from "node:child_process"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import * as Zlib from "node:zlib"
import { ROOT, target } from "../../scripts/package.ts"
import { requirePrograms } from "../support/peers.ts"
import { quoted } from "../support/peers-shell.ts"
import { startSshd } from "../support/sshd.ts"
import { type RunOptions, start } from "../programs/mosh/workshop.ts"
import * as Throwaway from "./throwaway.ts"

const { debian, executable: EXECUTABLE } = target(process.arch)
const PACKAGE = debian.file
const TIMEOUT = 120_000
const PROGRAMS = ["mosh", "mosh-client", "mosh-server"]
const make = (script: string, ...words: ReadonlyArray<string>): void => {
  execFileSync(process.execPath, [`scripts/${script}.ts`, ...words], { cwd: ROOT, stdio: "ignore" })
}

let scratch: string
beforeAll(() => {
  scratch = Fs.mkdtempSync(Path.join(Os.tmpdir(), "effect-mosh-executable-"))
  for (const directory of ["tmp", "run"]) Fs.mkdirSync(Path.join(scratch, directory), { mode: 0o700 })
  if (process.platform === "linux") make("executable", "--only")
  for (const name of [...PROGRAMS, "other"]) Fs.symlinkSync(EXECUTABLE, Path.join(scratch, name))
}, TIMEOUT)
afterAll(() => Fs.rmSync(scratch, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }))

const requireLinux = (context: TestContext): void => {
  if (process.platform !== "linux") context.skip("the executable is for Linux")
}

/** Runs the executable by a name, with nothing else on PATH. */
const run = ([name = "", ...words]: ReadonlyArray<string>, options: RunOptions = {}) =>
  start([Path.join(scratch, name), ...words], {
    ...options,
    environment: {
      PATH: Path.join(scratch, "nothing"),
      TMPDIR: Path.join(scratch, "tmp"),
      XDG_RUNTIME_DIR: Path.join(scratch, "run"),
      SHELL: "/bin/sh",
      ...options.environment
    }
  }).ended

const shell = (script: string): ReadonlyArray<string> => ["--", "/bin/sh", "-c", script]
const talk = { stdin: "some words\n" }

describe("the executable", () => {
  it("has at most 165 MB, and 55 MB compressed", (context) => {
    requireLinux(context)
    const contents = Fs.readFileSync(EXECUTABLE)
    expect(contents.length).toBeLessThanOrEqual(165e6)
    const quickly = { params: { [Zlib.constants.ZSTD_c_compressionLevel]: 1 } }
    expect(Zlib.zstdCompressSync(contents, quickly).length).toBeLessThanOrEqual(55e6)
  })

  it.for([
    [["mosh"], "mosh"],
    [["mosh-client"], "mosh-client"],
    [["mosh-server"], "mosh-server"],
    [["other"], "mosh"],
    [["other", "mosh-client"], "mosh-client"],
    [["mosh", "--program=mosh-server"], "mosh-server"]
  ] satisfies ReadonlyArray<[ReadonlyArray<string>, string]>)(
    "called as %j is %s",
    async ([words, program], context) => {
      requireLinux(context)
      const { code, stderr, stdout } = await run([...words, "--version"])
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" })
      expect(stdout).toMatch(new RegExp(`^${program} \\(effect-mosh \\d`))
    }
  )

  it("starts from V8's cache, without a warning if V8 rejects it", async (context) => {
    requireLinux(context)
    const contents = Fs.readFileSync(EXECUTABLE)
    /** Runs a copy in which embedded options are replaced by others of the same length. */
    const runWith = async (options: Readonly<Record<string, string>>): Promise<string> => {
      const copy = Buffer.from(contents)
      for (const [from, to] of Object.entries(options)) {
        const at = copy.lastIndexOf(from)
        expect({ from, isEmbedded: at !== -1, length: to.length }).toEqual({
          from,
          isEmbedded: true,
          length: from.length
        })
        copy.write(to, at)
      }
      const file = Path.join(scratch, "with-options")
      Fs.writeFileSync(file, copy, { mode: 0o700 })
      return (await start([file, "--version"]).ended).stderr
    }
    const warn = { "--no-warnings": "--title=shows" }
    const otherwise = { "--v8-pool-size=0": "--stack-size=950" }
    expect(await runWith(warn)).toBe("")
    expect(await runWith({ ...warn, ...otherwise })).toContain("Code cache data rejected")
    expect(await runWith(otherwise)).toBe("")
  })

  it("serves a session without Node, under its own name, and leaves nothing behind", async (context) => {
    requireLinux(context)
    const told = 'read line; read name < /proc/$PPID/comm; echo "$name got $line"; command -v node || true'
    const ran = await run(["mosh", "--local", ...shell(told)], talk)
    expect(ran).toEqual({ code: 0, stdout: expect.stringContaining("mosh-server got some words"), stderr: "" })
    expect(ran.stdout).not.toMatch(/\/node$/m)
    const left = ["tmp", "run"].flatMap((directory) => Fs.readdirSync(Path.join(scratch, directory)))
    // The directory in which a server records its sessions.
    expect(left.filter((name) => name !== "effect-mosh")).toEqual([])
  })

  it("passes every argument and variable to the program", async (context) => {
    requireLinux(context)
    const environment = { NODE_OPTIONS: "--no-such-option" }
    const ran = await run(["mosh", "--local", ...shell('echo "$NODE_OPTIONS $0"'), "--node-options=--version"], {
      environment
    })
    expect(ran).toEqual({
      code: 0,
      stdout: expect.stringContaining("--no-such-option --node-options=--version"),
      stderr: ""
    })
  })

  it("is both ends of a session through ssh, and ssh's proxy", { timeout: TIMEOUT }, async (context) => {
    requireLinux(context)
    requirePrograms(context, "ssh", "sshd")
    using sshd = await startSshd({ environment: { LANG: "C" } })
    const ssh = `--ssh=ssh -F ${sshd.clientConfig}`
    const server = `--server=${quoted(Path.join(scratch, "mosh-server"))}`
    const line = ["mosh", ssh, server, "--experimental-remote-ip=proxy", sshd.host]
    const ran = await run([...line, ...shell("read line; echo got $line")], {
      ...talk,
      environment: { PATH: "/usr/bin:/bin" }
    })
    expect(ran).toEqual({ code: 0, stdout: expect.stringContaining("got some words"), stderr: "" })
  })
})

describe("the Debian package", () => {
  const requireDpkg = (context: TestContext): void => {
    requireLinux(context)
    if (!Fs.existsSync("/usr/bin/dpkg-deb")) context.skip("dpkg is not installed")
  }

  beforeAll(() => {
    if (Fs.existsSync("/usr/bin/dpkg-deb")) make("deb", "--uncompressed")
  }, TIMEOUT)

  it("holds files that all users may read and only root may change", (context) => {
    requireDpkg(context)
    const listing = execFileSync("dpkg-deb", ["--contents", PACKAGE], { encoding: "utf8" }).trim().split("\n")
    for (const line of listing) expect(line).toMatch(/^(drwxr-xr-x|-rw-r--r--|-rwxr-xr-x|lrwxrwxrwx) root\/root /)
    const programs = PROGRAMS.flatMap((program) => [
      `./usr/bin/${program}`,
      `./usr/share/man/man1/${program}.1.gz`,
      `./usr/share/bash-completion/completions/${program}`
    ])
    expect(listing.map((line) => line.split(/\s+/)[5])).toEqual(expect.arrayContaining(programs))
  })

  it("goes into a directory, gives a session there, and is removed", { timeout: TIMEOUT }, async (context) => {
    requireDpkg(context)
    const root = Path.join(scratch, "root")
    for (const part of ["info", "updates"]) Fs.mkdirSync(Path.join(root, "var/lib/dpkg", part), { recursive: true })
    Fs.writeFileSync(Path.join(root, "var/lib/dpkg/status"), "")
    const dpkg = (...words: ReadonlyArray<string>) =>
      execFileSync("dpkg", [`--root=${root}`, "--force-not-root,bad-path,depends,unsafe-io", ...words], {
        stdio: ["ignore", "ignore", "pipe"]
      })
    dpkg("--install", PACKAGE)
    const line = [Path.join(root, "usr/bin/mosh"), "--local", ...shell("read line; echo got $line")]
    const ran = await start(line, { ...talk, environment: { PATH: "/usr/bin:/bin" } }).ended
    expect(ran).toEqual({ code: 0, stdout: expect.stringContaining("got some words"), stderr: "" })
    dpkg("--purge", "effect-mosh")
    expect(
      Fs.readdirSync(root, { recursive: true, encoding: "utf8" }).filter((path) => !path.startsWith("var"))
    ).toEqual([])
  })

  it(
    "takes the place of Debian's mosh, gives a session without Node or libatomic, and goes",
    { timeout: TIMEOUT },
    async (context) => {
      requireDpkg(context)
      Throwaway.requireThrowaway(context)
      const { stdout } = await Throwaway.run(
        `rm -f $(which -a node nodejs) /usr/lib/*/libatomic.so*
      dpkg="dpkg --force-unsafe-io --no-triggers"
      $dpkg --install /tmp/*.deb
      dpkg-query --show --showformat='\${Status} \${Package}\n' effect-mosh mosh
      dpkg --listfiles effect-mosh > /tmp/files
      cd /
      readlink -f $(which mosh-server)
      echo 'read -r words; echo "got $words"; which node; exit 0' > /tmp/program
      echo some words | LANG=C.UTF-8 mosh --local -- sh /tmp/program
      $dpkg --purge effect-mosh
      while read -r file; do [ -d $file ] || [ ! -e $file ] || echo $file is left; done < /tmp/files
      echo end`,
        PACKAGE
      )
      expect(stdout).toMatch(/^install ok installed effect-mosh$/m)
      expect(stdout).not.toMatch(/^install ok installed mosh$/m)
      expect(stdout).toMatch(/^\/usr\/lib\/effect-mosh\/mosh$/m)
      expect(stdout).toContain("got some words")
      expect(stdout).not.toMatch(/^\/.*node$/m)
      expect(stdout).toMatch(/\nPurging configuration files for effect-mosh [^\n]*\nend\n$/)
    }
  )
})
