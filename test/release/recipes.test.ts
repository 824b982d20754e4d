/**
 * The Homebrew formula and the Nix expression. Neither brew nor nixpkgs is available, so the tests check their syntax,
 * addresses and checksums, and run the install phase of the expression, which is a shell script.
 */
import { afterAll, beforeAll, describe, expect, it, type TestContext } from "vitest"
import { execFileSync } from "node:child_process"
import * as Crypto from "node:crypto"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import { ROOT } from "../../scripts/package.ts"

const TIMEOUT = 60_000

let scratch: string
let formula: string
let expression: string
let tarball: string

const output = (program: string, ...words: ReadonlyArray<string>): string =>
  execFileSync(program, words, { encoding: "utf8", cwd: scratch, stdio: ["ignore", "pipe", "pipe"] })

const pack = (directory: string): string => {
  const told: unknown = JSON.parse(output("npm", "pack", "--json", "--ignore-scripts", directory))
  return Path.join(scratch, String(Object(Object(told)[0]).filename))
}

const requireProgram = (context: TestContext, program: string, debianPackage: string): void => {
  const isInstalled = (process.env["PATH"] ?? "").split(":").some((at) => Fs.existsSync(Path.join(at, program)))
  if (isInstalled) return
  const reason = `${program} is not installed (Debian: ${debianPackage})`
  console.warn(reason)
  context.skip(reason)
}

const checksum = (algorithm: string, encoding: "hex" | "base64"): string =>
  Crypto.hash(algorithm, Fs.readFileSync(tarball), encoding)

beforeAll(() => {
  scratch = Fs.mkdtempSync(Path.join(Os.tmpdir(), "effect-mosh-recipes-"))
  tarball = pack(ROOT)
  execFileSync(process.execPath, ["scripts/recipes.ts", "--tarball", tarball, "--out", scratch], {
    cwd: ROOT,
    stdio: ["ignore", "ignore", "inherit"]
  })
  formula = Path.join(scratch, "effect-mosh.rb")
  expression = Path.join(scratch, "effect-mosh.nix")
}, TIMEOUT)
afterAll(() => Fs.rmSync(scratch, { recursive: true, force: true }))

describe("the Homebrew formula", () => {
  it("has the checksum of the packed package", () => {
    expect(Fs.readFileSync(formula, "utf8")).toContain(`  sha256 "${checksum("sha256", "hex")}"\n`)
  })

  it("is Ruby", (context) => {
    requireProgram(context, "ruby", "ruby")
    expect(output("ruby", "-wc", formula)).toBe("Syntax OK\n")
  })
})

/** Evaluates the expression with stand-ins for nixpkgs; `fetchurl` returns the address and the checksum in one string. */
const evaluate = (system: string): Record<"src" | "version" | "installPhase" | "platforms", string> => {
  const stand = `{
    lib = {
      optional = condition: value: if condition then [ value ] else [ ];
      concatStrings = builtins.concatStringsSep "";
      mapAttrsToList = f: set: map (name: f name set.\${name}) (builtins.attrNames set);
      licenses.mit = "MIT";
    };
    stdenv = { hostPlatform = { isLinux = true; system = "${system}"; }; cc.cc.lib = "lib"; mkDerivation = set: set; };
    fetchurl = { url, hash }: "\${url}#\${hash}";
    nodejs_24 = "node";
    autoPatchelfHook = "hook";
  }`
  const wanted = "inherit (recipe) src version installPhase; platforms = toString recipe.meta.platforms;"
  const words = ["--eval", "--strict", "--json", "--store", "dummy://", "--expr"]
  const script = `let recipe = import ${expression} ${stand}; in { ${wanted} }`
  return JSON.parse(output("nix-instantiate", ...words, script))
}

describe("the Nix expression", () => {
  it("fetches the packed package and the packages of package-lock.json, by their checksums", (context) => {
    requireProgram(context, "nix-instantiate", "nix-bin")
    const { installPhase, platforms, src, version } = evaluate("aarch64-linux")
    const lock: unknown = JSON.parse(Fs.readFileSync(Path.join(ROOT, "package-lock.json"), "utf8"))
    const integrityOf = (name: string): string =>
      String(Object(Object(lock).packages)[`node_modules/${name}`].integrity)
    expect(src).toContain(`/effect-mosh-${version}.tgz#sha512-${checksum("sha512", "base64")}`)
    for (const name of ["node-pty", "@xterm/headless", "@lydell/node-pty-linux-arm64"])
      expect(installPhase).toContain(`.tgz#${integrityOf(name)}`)
    expect(installPhase).not.toContain("node-pty-linux-x64")
    expect(platforms.split(" ")).toEqual(["aarch64-darwin", "aarch64-linux", "x86_64-darwin", "x86_64-linux"])
  })

  it("installs programs that run, manual pages and completions", { timeout: TIMEOUT }, (context) => {
    requireProgram(context, "nix-instantiate", "nix-bin")
    const systems: Readonly<Record<string, string>> = { x64: "x86_64-linux", arm64: "aarch64-linux" }
    const { installPhase } = evaluate(systems[process.arch] ?? "")
    // The downloads, packed again from what npm installed here.
    const local = installPhase.replaceAll(
      /^( *add (\S+)) \S+$/gm,
      (_line, call: string, name: string) => `${call} ${pack(Path.join(ROOT, "node_modules", name))}`
    )
    const installed = Path.join(scratch, "installed")
    output("tar", "-xzf", tarball)
    const script = `set -e; cd package; out=${installed}; runHook() { :; }\n${local}`
    output("bash", "-c", script)
    for (const program of ["mosh", "mosh-client", "mosh-server"]) {
      expect(output(Path.join(installed, "bin", program), "--version")).toContain(`${program} (effect-mosh `)
      expect(Fs.existsSync(Path.join(installed, `share/man/man1/${program}.1`))).toBe(true)
      expect(Fs.existsSync(Path.join(installed, "share/bash-completion/completions", program))).toBe(true)
    }
    const line = [Path.join(installed, "bin/mosh"), "--local", "--", "echo", "from nix"] as const
    expect(output(...line)).toContain("from nix")
  })
})
