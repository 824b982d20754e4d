/**
 * Readers that exit early (`mosh --help | head -1`), and outputs that cannot be written: never a stack trace.
 */
import { execFileSync } from "node:child_process"
import { resolve } from "node:path"
import { describe, expect, it } from "vitest"
import { program } from "../../support/peers.ts"
import { type Ran, start, Workshop } from "./workshop.ts"

const SIGPIPE = 128 + 13

const [mosh, client, server] = [program("ours", "mosh"), program("ours", "mosh-client"), program("ours", "mosh-server")]
const starter = [process.execPath, resolve(import.meta.dirname, "../../../scripts/start.ts")]

/** Makes `$1` a pipe without a reader, before the program starts. */
const WITHOUT_READER = 'exec 3<>"$1" 4>"$1" 3<&-; shift;'

/** Runs a program after a shell has redirected its outputs. */
const run = async (redirected: string, words: ReadonlyArray<string>): Promise<Ran> => {
  using workshop = new Workshop()
  execFileSync("mkfifo", [workshop.path("pipe")])
  const line = ["sh", "-c", `${WITHOUT_READER} exec "$@" ${redirected} 4>&-`, "sh", workshop.path("pipe"), ...words]
  return await start(line, { environment: { HOME: workshop.directory, XDG_STATE_HOME: workshop.directory } }).ended
}

describe.concurrent("a reader of standard output that has exited", { timeout: 60_000 }, () => {
  it.each<[string, ReadonlyArray<string>]>([
    ["mosh --help", [...mosh, "--help"]],
    ["mosh --version", [...mosh, "--version"]],
    ["mosh-client --help", [...client, "--help"]],
    ["mosh-client --version", [...client, "--version"]],
    ["mosh-client -c", [...client, "-c"]],
    ["mosh-server --help", [...server, "--help"]],
    ["mosh-server --version", [...server, "--version"]],
    ["mosh-server new", [...server, "new", "-i", "127.0.0.1", "-p", "0", "--", "true"]],
    ["npm start -- --help", [...starter, "--help"]]
  ])("ends %s by SIGPIPE's status, without a word of Node's", async (_name, words) => {
    const { code, stderr } = await run(">&4", words)
    expect(stderr).not.toMatch(/^\s+at |EPIPE|Error|node:/m)
    expect(code).toBe(SIGPIPE)
  })

  it.each<[string, ReadonlyArray<string>, string]>([
    ["mosh --list", [...mosh, "--list"], ""],
    ["mosh --kill", [...mosh, "--kill=99999999"], "No mosh session 99999999 of yours on this machine.\n"],
    ["mosh --doctor", [...mosh, "--doctor"], ""],
    ["mosh-server --list", [...server, "--list"], ""],
    ["mosh-server --list, for programs", [...server, "--list", "--version"], ""],
    ["the plain-text client", [...mosh, "--local", "--", "seq", "10000"], ""],
    [
      "a login that prints something",
      [...mosh, "--local", `--server=echo banner; exec ${server.join(" ")}`, "--", "seq", "10000"],
      ""
    ]
  ])("makes %s print no stack", async (_name, words, stderr) => {
    expect((await run(">&4", words)).stderr).toBe(stderr)
  })

  it("of standard error changes no exit status, and ends a session as SIGPIPE does", async () => {
    expect(await run("2>&4", [...mosh, "--bogus"])).toEqual({ code: 255, stdout: "", stderr: "" })
    const ran = await run("2>&4", [...mosh, "--verbose", "--local", "--", "cat"])
    expect(ran).toMatchObject({ code: 0, stderr: "" })
  })

  it("is not a full disk, which is reported in a line", async () => {
    const stderr = "mosh: cannot write to standard output: no space left on device.\n"
    expect(await run(">/dev/full", [...mosh, "--help"])).toEqual({ code: 1, stdout: "", stderr })
  })
})
