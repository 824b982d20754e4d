/**
 * The fleet: one command starts it, stock's `mosh` uses it through ssh, and its web page shows a session.
 */
import { afterAll, beforeAll, describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { type ChildProcess, execFile, spawn } from "node:child_process"
import { once } from "node:events"
import * as Fs from "node:fs"
import * as Http from "node:http"
import type * as Net from "node:net"
import * as Path from "node:path"
import { text } from "node:stream/consumers"
import { promisify } from "node:util"
import * as Chromium from "../support/chromium.ts"
import { endWithUs } from "../support/leftovers.ts"
import { requirePrograms } from "../support/peers.ts"
import { freePort, postgresIsMissing } from "../support/postgres.ts"
import { Tmux } from "../support/tmux.ts"

const PROGRAMS = ["ssh", "ssh-keygen"]
const SSHD = "/usr/sbin/sshd"

/** Why the fleet cannot start here; `undefined` if it can. */
const missing = (() => {
  if (Fs.existsSync(SSHD)) return postgresIsMissing()
  console.warn(`${SSHD} is not installed; the fleet is not tested`)
  return SSHD
})()

const environment = { PATH: process.env["PATH"] ?? "", HOME: process.env["HOME"] ?? "/", LANG: "C.UTF-8" }

/** A stand-in for an OTLP collector: keeps what it receives. */
const startCollector = async (): Promise<{ readonly url: string; readonly received: () => string }> => {
  const texts: Array<string> = []
  const server = Http.createServer((request, response) => {
    void text(request).then((body) => {
      texts.push(`${request.url} ${body}`)
      response.setHeader("Content-Type", "application/json").end("{}")
    })
  }).listen(0, "127.0.0.1")
  server.unref()
  await once(server, "listening")
  const { port } = server.address() as Net.AddressInfo
  return { url: `http://127.0.0.1:${port}`, received: () => texts.join("\n") }
}

/** Starts `examples/fleet/start.ts`. Browsers reach its page by another name than the one it listens on, as through a proxy. */
const start = async (collector: string): Promise<ChildProcess> => {
  const port = String(await freePort())
  const web = { FLEET_WEB_PORT: port, FLEET_WEB_ORIGIN: `http://localhost:${port}` }
  const sources = Path.join(import.meta.dirname, "../support/packages.ts")
  const words = [`--import=${sources}`, Path.join(import.meta.dirname, "../../examples/fleet/start.ts")]
  const fleet = spawn(process.execPath, words, {
    env: { ...environment, SHELL: "/bin/sh", FLEET_OTLP: collector, ...web },
    stdio: ["ignore", "pipe", "pipe"]
  })
  if (fleet.pid !== undefined) endWithUs(fleet.pid)
  return fleet
}

/** The configuration of ssh that the fleet prints when it runs. */
const configuration = (fleet: ChildProcess): Promise<string> =>
  new Promise((resolve, reject) => {
    let text = ""
    const onOutput = (bytes: Buffer): void => {
      text += bytes.toString()
      const file = /-F (\S+ssh_config) ada web/.exec(text)?.[1]
      if (file !== undefined) resolve(file)
    }
    fleet.stdout?.on("data", onOutput)
    fleet.stderr?.on("data", onOutput)
    fleet.once("close", () => reject(new Error(text)))
  })

describe.skipIf(missing !== undefined)("the fleet", () => {
  let fleet: ChildProcess | undefined
  let config = ""
  let collector: Awaited<ReturnType<typeof startCollector>>
  /** What no span, metric or log may contain: keys, and the secrets in the page's address. */
  const secrets: Array<string> = []

  beforeAll(async () => {
    collector = await startCollector()
    fleet = await start(collector.url)
    config = await configuration(fleet)
  }, 120_000)

  afterAll(async () => {
    if (fleet === undefined || fleet.exitCode !== null) return
    fleet.kill("SIGINT")
    await once(fleet, "close")
    expect(Fs.existsSync(Path.dirname(config))).toBe(false)
    const received = collector.received()
    for (const exported of [/^\/v1\/metrics .*mosh_cluster_sessions/m, /^\/v1\/traces .*MoshCluster.open/m]) {
      expect(received).toMatch(exported)
    }
    for (const program of ["mosh-worker", "mosh-gateway"]) expect(received).toContain(program)
    expect(secrets.length).toBeGreaterThan(0)
    for (const secret of secrets) expect(received).not.toContain(secret)
  }, 60_000)

  /** What a user's login prints, or `undefined` if it fails. */
  const ssh = (user: string, ...command: ReadonlyArray<string>): Promise<string | undefined> =>
    promisify(execFile)("ssh", ["-F", config, user, ...command], { env: environment }).then(
      ({ stdout }) => {
        for (const [, secret = ""] of stdout.matchAll(/(?:MOSH CONNECT \d+ |token=)(\S+)/g)) secrets.push(secret)
        return stdout
      },
      () => undefined
    )

  it("is used by stock's mosh, and keeps users apart", { timeout: 120_000 }, async (context) => {
    requirePrograms(context, ...PROGRAMS, "mosh", "tmux")
    const command = ["mosh", `--ssh=ssh -F ${config}`, "--server=mosh-fleet session work"]
    await using terminal = Tmux.start({
      size: { columns: 80, rows: 24 },
      command: [...command, "ada", "--", "sh", "-c", "echo $TERM; env | grep -c FLEET; exec cat"],
      environment
    })
    await terminal.see("xterm-256color")
    await terminal.type("typed\r")
    const { text } = await terminal.until("the echo", ({ text }) => text.filter((row) => row === "typed").length === 2)
    expect(text.slice(0, 2)).toEqual(["xterm-256color", "0"])
    // Where the wrapper expects an address, it gets that of the session's machine.
    const view = `sh -c '[ -n "$SSH_CONNECTION" ] && echo' ; mosh-fleet attach --view work new`
    const [listed, viewed, othersList, othersAttachment, othersProgram] = await Promise.all([
      ssh("ada", "mosh-fleet", "--list"),
      ssh("ada", view),
      ssh("grace", "mosh-fleet", "--list"),
      ssh("grace", "mosh-fleet attach work new"),
      ssh("grace", "id")
    ])
    expect(listed).toMatch(/^work +worker-[123] .* running$/m)
    expect(viewed).toMatch(/^MOSH IP 127\.0\.0\.1\nMOSH CONNECT \d+ \S{22}\n$/)
    expect(othersList).toBe("You have no sessions.\n")
    expect([othersAttachment, othersProgram]).toEqual([undefined, undefined])
    await terminal.press("C-d")
    await terminal.exit()
  })

  it.live(
    "shows a session on a web page",
    (context) =>
      Effect.gen(function* () {
        requirePrograms(context, ...PROGRAMS, "chromium")
        const opened = yield* Effect.promise(() =>
          ssh("ada", "mosh-fleet session page new -- sh -c 'echo shown; exec cat'")
        )
        expect(opened).toMatch(/^MOSH CONNECT /)
        const address = (yield* Effect.promise(() => ssh("ada", "web")))?.trim() ?? ""
        const { open } = yield* Chromium.start
        const page = yield* Effect.promise(() => open(address))
        const until = (expression: string, pattern: RegExp) =>
          Effect.promise(() => page.evaluate(expression)).pipe(
            Effect.delay("50 millis"),
            Effect.repeat({ until: (value) => pattern.test(String(value)) })
          )
        yield* until(`document.querySelector("a")?.textContent`, /^page on worker-[123]: running$/)
        yield* Effect.promise(() => page.evaluate(`document.querySelector("a").click()`))
        const text = `document.querySelector(".xterm-rows")?.textContent`
        yield* until(text, /shown/)
        yield* Effect.promise(() => page.type("live\r"))
        yield* until(text, /live.*live/)
        expect(page.log).toEqual([])
        expect(address).toMatch(/^http:\/\/localhost:/)
        for (const other of [address.replace(/token=.*/, "token=0"), address.replace("localhost", "127.0.0.1")]) {
          const response = yield* Effect.promise(() => fetch(other))
          expect(response.status).toBe(403)
        }
      }).pipe(Effect.scoped),
    120_000
  )
})
