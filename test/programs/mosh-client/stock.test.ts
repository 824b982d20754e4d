/** Our `mosh-client` and stock's, run with the same command lines and environments: same output, same exit status. */
import { execFile } from "node:child_process"
import { expect, it } from "vitest"
import { type Maker, program, requirePrograms } from "../../support/peers.ts"

const KEY = "AAAAAAAAAAAAAAAAAAAAAA"

interface Call {
  readonly line: ReadonlyArray<string>
  readonly variables?: Readonly<Record<string, string>>
  /** Whether the first line of output must be equal too, and not only the exit status. */
  readonly words?: boolean
}

const call = (line: string, variables?: Call["variables"]): Call => ({
  line: line === "" ? [] : line.split(" "),
  ...(variables === undefined ? {} : { variables })
})
const worded = (line: string, variables?: Call["variables"]): Call => ({ ...call(line, variables), words: true })

const CALLS: ReadonlyArray<Call> = [
  worded("-c", { TERM: "xterm-256color" }),
  worded("-c", { TERM: "vt100" }),
  worded("-c", { TERM: "no-such-terminal" }),
  worded("-c", { TERM: "" }),
  worded("-c"),
  worded("-vc", { TERM: "linux" }),
  worded("x y z -c -z", { TERM: "linux" }),
  call("x y z --help"),
  call("127.0.0.1 60001 --version"),
  call(""),
  call("127.0.0.1 60001 x"),
  worded("-z"),
  worded("-c -z", { TERM: "linux" }),
  worded("-z -c", { TERM: "linux" }),
  worded("--verbose"),
  worded("-#"),
  worded("127.0.0.1 60001x", { MOSH_KEY: KEY }),
  worded("127.0.0.1 +5", { MOSH_KEY: KEY }),
  worded("127.0.0.1 -5", { MOSH_KEY: KEY }),
  worded("-# -v|x 127.0.0.1 60001"),
  call("127.0.0.1 60001", { MOSH_KEY: KEY, LC_ALL: "C" }),
  worded("127.0.0.1 60001", { MOSH_KEY: KEY, MOSH_PREDICTION_DISPLAY: "sometimes", TERM: "xterm" }),
  call("127.0.0.1 60001", { MOSH_KEY: "short" })
]

/** What our message adds to stock's: the valid choices. */
const CHOICES = ": use one of adaptive, always, never, experimental."

/** Runs one maker's client: the call, the exit status, and the first line of output if that is compared. */
const ask = (maker: Maker, { line, variables, words }: Call) =>
  new Promise<unknown>((resolve) => {
    const [file = "", ...first] = program(maker, "mosh-client")
    const env = { PATH: process.env["PATH"] ?? "", LANG: "C.UTF-8", ...variables }
    const child = execFile(file, [...first, ...line], { env }, (error, stdout, stderr) => {
      // A program prints its name as it was called.
      const [said] = (stdout + stderr)
        .split("\n")
        .map((text) => text.replaceAll("/usr/bin/mosh-client", "mosh-client").replace(CHOICES, "."))
      resolve({ line, variables, status: error === null ? 0 : error.code, said: words === true ? said : "" })
    })
    child.stdin?.end()
  })

it("answers every command line as stock does", async (context) => {
  requirePrograms(context, "mosh")
  const answers = async (maker: Maker) => {
    const given: Array<unknown> = []
    for (let at = 0; at < CALLS.length; at += 4) {
      given.push(...(await Promise.all(CALLS.slice(at, at + 4).map((each) => ask(maker, each)))))
    }
    return given
  }
  expect(await answers("ours")).toEqual(await answers("stock"))
}, 60_000)
