/**
 * The .rpm and Arch packages, and lintian's opinion of the .deb, each made around a small program: the executable itself is
 * tried in `executable.test.ts`, and takes these tools a minute.
 */
import { afterAll, beforeAll, describe, expect, it, type TestContext } from "vitest"
import { execFileSync } from "node:child_process"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import * as Licences from "../../scripts/licences.ts"
import { ROOT, type SystemPackage, target } from "../../scripts/package.ts"

const TIMEOUT = 60_000
const { arch, debian, rpm } = target(process.arch)

let scratch: string
beforeAll(() => {
  scratch = Fs.mkdtempSync(Path.join(Os.tmpdir(), "effect-mosh-packages-"))
})
afterAll(() => Fs.rmSync(scratch, { recursive: true, force: true }))

const requireProgram = (context: TestContext, program: string, debianPackage: string): void => {
  const isInstalled = (process.env["PATH"] ?? "").split(":").some((at) => Fs.existsSync(Path.join(at, program)))
  if (!isInstalled) context.skip(`${program} is not installed (Debian: ${debianPackage})`)
}

/** Makes a package around a small program, in the scratch directory. */
const make = (format: string, { file }: SystemPackage): string => {
  const stand = Path.join(scratch, "executable")
  Fs.copyFileSync(Fs.realpathSync("/bin/true"), stand)
  Fs.writeFileSync(Path.join(scratch, Licences.FILE), "Licences\n")
  execFileSync(
    process.execPath,
    [`scripts/${format}.ts`, "--uncompressed", `--executable=${stand}`, `--out=${scratch}`],
    {
      cwd: ROOT,
      stdio: ["ignore", "ignore", "inherit"]
    }
  )
  return Path.join(scratch, Path.basename(file))
}

const output = (program: string, ...words: ReadonlyArray<string>): string =>
  execFileSync(program, words, { encoding: "utf8", cwd: scratch, stdio: ["ignore", "pipe", "pipe"] })

/** The files that every system package holds. */
const files = (zsh: string, licences: string): Array<string> => [
  ...["mosh", "mosh-client", "mosh-server"].flatMap((program) => [
    `/usr/bin/${program}`,
    `/usr/share/man/man1/${program}.1.gz`,
    `/usr/share/bash-completion/completions/${program}`,
    `/usr/share/fish/vendor_completions.d/${program}.fish`
  ]),
  ...["README.md", "SECURITY.md", "docs/operating.md", "docs/limits.md"].map(
    (page) => `/usr/share/doc/effect-mosh/${page}`
  ),
  `${zsh}/_mosh`,
  "/usr/lib/effect-mosh/mosh",
  `${licences}/THIRD-PARTY-LICENSES.txt.gz`
]

describe("the Debian package", () => {
  it("satisfies lintian, warnings included", { timeout: TIMEOUT }, (context) => {
    requireProgram(context, "lintian", "lintian")
    const file = make("deb", debian)
    // Of the stand-in program and the fast compression; the whole package is checked by hand before a release.
    const suppressed = "hardening-no-pie,uses-no-compression-for-data-tarball,uses-no-compression-for-control-tarball"
    const found = output(
      "lintian",
      "--allow-root",
      "--fail-on=none",
      "--display-info",
      `--suppress-tags=${suppressed}`,
      file
    )
    expect(found.split("\n").filter((line) => /^[EW]:/.test(line))).toEqual([])
    expect(found).not.toContain("changelog")
  })

  it("holds ufw's profile as a configuration file, documentation, and completions", (context) => {
    requireProgram(context, "dpkg-deb", "dpkg")
    const file = make("deb", debian)
    expect(output("dpkg-deb", "--info", file, "conffiles")).toBe("/etc/ufw/applications.d/effect-mosh\n")
    const contents = output("dpkg-deb", "--contents", file)
      .split("\n")
      .map((line) => (line.split(/\s+/)[5] ?? "").replace(/^\./, ""))
    const doc = "/usr/share/doc/effect-mosh"
    const own = [`${doc}/changelog.Debian.gz`, `${doc}/copyright`, "/etc/ufw/applications.d/effect-mosh"]
    expect(contents).toEqual(expect.arrayContaining([...files("/usr/share/zsh/vendor-completions", doc), ...own]))
  })

  it("is the same, byte for byte, when it is built again", (context) => {
    requireProgram(context, "dpkg-deb", "dpkg")
    const first = Fs.readFileSync(make("deb", debian))
    expect(Fs.readFileSync(make("deb", debian)).equals(first)).toBe(true)
  })
})

describe("the RPM package", () => {
  it("installs into a root, verifies there, and is erased without a trace", { timeout: TIMEOUT }, (context) => {
    requireProgram(context, "rpmbuild", "rpm")
    if (process.getuid?.() !== 0) context.skip("rpm installs into a root of its own as root only")
    const file = make("rpm", rpm)
    const root = Path.join(scratch, "rpm-root")
    Fs.mkdirSync(root)
    output("rpm", "--root", root, "--initdb")
    output("rpm", "--root", root, "--nodeps", "--install", file)
    const listed = output("rpm", "--root", root, "--query", "--list", "effect-mosh").split("\n")
    const licences = "/usr/share/licenses/effect-mosh"
    expect(listed).toEqual(expect.arrayContaining(files("/usr/share/zsh/site-functions", licences)))
    expect(output("rpm", "--root", root, "--verify", "--nodeps", "effect-mosh")).toBe("")
    expect(output("rpm", "--root", root, "--query", "--conflicts", "effect-mosh").trim()).toBe("mosh")
    output("rpm", "--root", root, "--nodeps", "--erase", "effect-mosh")
    // Directories stay: those of the distribution's own packages are not ours to remove.
    const left = Fs.readdirSync(root, { recursive: true, withFileTypes: true })
    expect(
      left.filter((entry) => !entry.isDirectory() && !entry.parentPath.includes("/rpm")).map(({ name }) => name)
    ).toEqual([])
  })
})

describe("the Arch package", () => {
  it("installs into a root with pacman, verifies there, and is removed", { timeout: TIMEOUT }, (context) => {
    requireProgram(context, "bsdtar", "libarchive-tools")
    requireProgram(context, "pacman", "pacman-package-manager")
    if (process.getuid?.() !== 0) context.skip("pacman installs as root only")
    const file = make("arch", arch)
    const root = Path.join(scratch, "arch-root")
    Fs.mkdirSync(Path.join(root, "var/lib/pacman"), { recursive: true })
    const config = Path.join(scratch, "pacman.conf")
    Fs.writeFileSync(config, "[options]\nArchitecture = auto\nLocalFileSigLevel = Never\n")
    const pacman = (...words: ReadonlyArray<string>) =>
      output("pacman", "--config", config, "--root", root, "--noconfirm", ...words)
    // Its dependencies are glibc and gcc-libs, which a root of its own does not have.
    pacman("--upgrade", "-dd", "--noscriptlet", file)
    const listed = pacman("--query", "--list", "--quiet", "effect-mosh")
      .split("\n")
      .map((path) => path.replace(root, ""))
    const licences = "/usr/share/licenses/effect-mosh"
    const own = ["/etc/ufw/applications.d/effect-mosh"]
    expect(listed).toEqual(expect.arrayContaining([...files("/usr/share/zsh/site-functions", licences), ...own]))
    expect(pacman("--query", "-kk", "effect-mosh")).toMatch(/ 0 altered files/)
    pacman("--remove", "-dd", "--noscriptlet", "effect-mosh")
    expect(Fs.existsSync(Path.join(root, "usr"))).toBe(false)
  })
})
