/** `mosh-client` as a program, with pipes in place of a terminal, against our own server in this process. */
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as ChildProcess from "node:child_process"
import { MoshServer } from "../../../src/services/server/MoshServer.ts"
import * as NodeMoshServer from "../../../src/services/node/NodeMoshServer.ts"
import { program } from "../../support/peers.ts"

const [FILE = "", ...FIRST] = program("ours", "mosh-client")
const KEY = "AAAAAAAAAAAAAAAAAAAAAA"
const environment = { PATH: process.env["PATH"], LANG: "C.UTF-8", COLUMNS: "40", LINES: "10" }

interface Outcome {
  readonly status: number | null
  readonly output: string
  readonly complaints: string
}

/** Runs the client until it exits. `drive` types once the client runs, and reads its output so far. */
const run = (
  line: ReadonlyArray<string>,
  variables: Readonly<Record<string, string>>,
  drive: (client: ChildProcess.ChildProcessWithoutNullStreams, output: string) => void
) =>
  Effect.callback<Outcome>((resume) => {
    const client = ChildProcess.spawn(FILE, [...FIRST, ...line], { env: { ...environment, ...variables } })
    let output = ""
    let complaints = ""
    client.stdout.on("data", (bytes) => {
      output += String(bytes)
      drive(client, output)
    })
    client.stderr.on("data", (bytes) => {
      complaints += String(bytes)
    })
    client.stdin.on("error", () => undefined)
    client.on("close", (status) => resume(Effect.succeed({ status, output, complaints })))
    drive(client, output)
    return Effect.sync(() => client.kill("SIGKILL"))
  })

/** A session with `sh`, whose prompt is `> `. */
const session = (drive: Parameters<typeof run>[2], options: ReadonlyArray<string> = []) =>
  Effect.gen(function* () {
    const server = yield* (yield* MoshServer).serve({
      address: "127.0.0.1",
      ports: { low: 0, high: 0 },
      program: { file: "/bin/sh", arguments: [], environment: { PS1: "> ", TERM: "xterm" }, directory: "/" }
    })
    return yield* run([...options, "127.0.0.1", String(server.port)], { MOSH_KEY: server.key }, drive)
  }).pipe(Effect.scoped, Effect.provide(NodeMoshServer.layer))

describe("mosh-client with pipes", () => {
  it.live("prints what a script does, as text, and exits with 0", () =>
    Effect.gen(function* () {
      const { complaints, output, status } = yield* session((client, output) => {
        if (output === "") client.stdin.end("echo one $((1 + 1)) three; exit\n")
      })
      // The prompt precedes it if the keys arrived before the shell read input.
      expect(output).toMatch(/^(> )?one 2 three$/m)
      expect(output).not.toContain("\x1b")
      expect(complaints).toBe("")
      expect(status).toBe(0)
    })
  )

  it.live("passes the end of the keys on, so a shell leaves by itself", () =>
    Effect.gen(function* () {
      const { output, status } = yield* session((client, output) => {
        if (output === "") client.stdin.end("echo so $((3 * 3)) far\n")
      })
      expect(output).toMatch(/^(> )?so 9 far$/m)
      expect(status).toBe(0)
    })
  )

  it.live("takes a signal for a wish to leave", () =>
    Effect.gen(function* () {
      const signalled = (signal: NodeJS.Signals) =>
        Effect.suspend(() => {
          let asked = false
          return session((client, output) => {
            if (output.includes(">") && !asked) {
              asked = true
              client.kill(signal)
            }
          })
        })
      const outcomes = yield* Effect.forEach(["SIGTERM", "SIGPIPE", "SIGUSR1"] as const, signalled, { concurrency: 3 })
      expect(outcomes.map(({ complaints }) => complaints)).toEqual([
        "mosh: this client was ended by SIGTERM.\n",
        "",
        "mosh: this client was ended by SIGUSR1.\n"
      ])
      for (const { status } of outcomes) expect(status).toBe(0)
    })
  )

  it.live("reports the events of the session, but not what is typed, if requested", () =>
    Effect.gen(function* () {
      const { complaints, output, status } = yield* session(
        (client, output) => {
          if (output === "") client.stdin.end("echo $((40 + 2)); exit\n")
        },
        ["-v"]
      )
      expect(output).toMatch(/^(> )?42$/m)
      expect(status).toBe(0)
      const lines = complaints.trimEnd().split("\n")
      for (const line of lines) expect(line).toMatch(/^\d\d:\d\d:\d\d\.\d\d\d \w/)
      expect(lines[0]).toMatch(/ session with 127\.0\.0\.1:\d+ by UDP; plain text, 40 columns and 10 rows; /)
      expect(lines[1]).toMatch(/ first answer after \d+(\.\d)? ms; the server is effect-mosh, too$/)
      expect(complaints).toMatch(/ ended after \d+ s: the server ended the session$/m)
      expect(complaints).not.toContain("echo")
    })
  )

  it.live("leaves when its reader does", () =>
    Effect.gen(function* () {
      const { status } = yield* session((client, output) => {
        if (output === "") client.stdin.write("sleep 0.2; echo more\n")
        else client.stdout.destroy()
      })
      expect(status).toBe(0)
    })
  )
})

describe("mosh-client", () => {
  const refusal = (line: ReadonlyArray<string>, variables: Readonly<Record<string, string>>) =>
    Effect.map(
      run(line, variables, () => undefined),
      ({ complaints, output, status }) => {
        expect(output).toBe("")
        expect(status).toBe(1)
        return complaints
      }
    )

  it.live("refuses in a line what cannot be a session", () =>
    Effect.gen(function* () {
      const [noKey, badKey, name, locale, mode] = yield* Effect.all(
        [
          refusal(["127.0.0.1", "60001"], {}),
          refusal(["127.0.0.1", "60001"], { MOSH_KEY: "secret" }),
          refusal(["localhost", "60001"], { MOSH_KEY: KEY }),
          refusal(["127.0.0.1", "60001"], { MOSH_KEY: KEY, LC_ALL: "C" }),
          refusal(["127.0.0.1", "60001"], { MOSH_KEY: KEY, MOSH_PREDICTION_DISPLAY: "maybe" })
        ],
        { concurrency: 2 }
      )
      expect(noKey).toBe("MOSH_KEY environment variable not found.\n")
      expect(badKey).toBe("mosh-client: bad MOSH_KEY: a session key has 22 characters.\n")
      expect(name).toBe("mosh-client: bad IP address (localhost): it must be numeric.\n")
      expect(locale).toContain("needs a UTF-8 native locale")
      expect(mode).toBe("Unknown prediction mode maybe: use one of adaptive, always, never, experimental.\n")
    })
  )

  it.live("answers --help and --version on stdout", () =>
    Effect.gen(function* () {
      const help = yield* run(["--help"], {}, () => undefined)
      expect(help.status).toBe(0)
      expect(help.output).toContain("MOSH_PREDICTION_DISPLAY")
      const version = yield* run(["--version"], {}, () => undefined)
      expect(version.output).toMatch(/^mosh-client \(effect-mosh [0-9]/)
    })
  )
})
