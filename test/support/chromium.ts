/**
 * A headless Chromium, driven over the DevTools protocol.
 */
import * as Effect from "effect/Effect"
import { spawn } from "node:child_process"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"

export interface Page {
  /** What an expression is on the page. */
  readonly evaluate: (expression: string) => Promise<unknown>
  /** Types text into whatever has the focus, as a keyboard does. */
  readonly type: (text: string) => Promise<void>
  /** The console's messages, and errors. */
  readonly log: ReadonlyArray<string>
}

interface Answer {
  readonly id?: number
  readonly method?: string
  readonly params?: unknown
  readonly result?: Readonly<Record<string, unknown>>
  readonly error?: { readonly message: string }
}

type Ask = (method: string, params?: object, sessionId?: string) => Promise<Readonly<Record<string, unknown>>>

const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-dev-shm-usage",
  "--window-size=1000,700",
  "--remote-debugging-port=0",
  "about:blank"
]

/** Starts it with a home of its own, for as long as the scope is open; opens pages in it. */
export const start = Effect.gen(function* () {
  const home = yield* Effect.acquireRelease(
    Effect.sync(() => Fs.mkdtempSync(Path.join(Os.tmpdir(), "effect-mosh-chromium-"))),
    (directory) => Effect.sync(() => Fs.rmSync(directory, { recursive: true, force: true, maxRetries: 10 }))
  )
  const child = yield* Effect.acquireRelease(
    Effect.sync(() =>
      spawn("chromium", [`--user-data-dir=${home}`, ...FLAGS], {
        env: { PATH: process.env["PATH"], HOME: home, LANG: "C.UTF-8" },
        stdio: ["ignore", "ignore", "pipe"]
      })
    ),
    (child) =>
      Effect.callback<void>((resume) => {
        child.once("close", () => resume(Effect.void))
        if (child.exitCode !== null || !child.kill("SIGTERM")) resume(Effect.void)
      })
  )
  const url = yield* Effect.promise(
    () =>
      new Promise<string>((resolve, reject) => {
        let said = ""
        child.stderr.on("data", (bytes: Buffer) => {
          said += bytes.toString()
          const match = /DevTools listening on (ws:\S+)/.exec(said)
          if (match?.[1] !== undefined) resolve(match[1])
        })
        child.on("error", reject)
        child.on("exit", (code) => reject(new Error(`chromium ended with ${code}:\n${said}`)))
      })
  )
  const socket = yield* Effect.acquireRelease(
    Effect.promise(
      () =>
        new Promise<WebSocket>((resolve, reject) => {
          const socket = new WebSocket(url)
          socket.addEventListener("open", () => resolve(socket))
          socket.addEventListener("error", () => reject(new Error("cannot reach chromium")))
        })
    ),
    (socket) => Effect.sync(() => socket.close())
  )
  const waiting = new Map<number, (answer: Answer) => void>()
  const log: Array<string> = []
  socket.addEventListener("message", ({ data }) => {
    const answer: Answer = JSON.parse(String(data))
    if (answer.id !== undefined) waiting.get(answer.id)?.(answer)
    else if (/^Runtime\.(consoleAPICalled|exceptionThrown)|^Log\./.test(answer.method ?? ""))
      log.push(JSON.stringify(answer.params))
  })
  let last = 0
  const ask: Ask = (method, params = {}, sessionId) =>
    new Promise((resolve, reject) => {
      const id = ++last
      waiting.set(id, ({ error, result = {} }) => {
        waiting.delete(id)
        if (error === undefined) resolve(result)
        else reject(new Error(`${method}: ${error.message}`))
      })
      socket.send(JSON.stringify({ id, method, params, sessionId }))
    })

  const open = async (address: string): Promise<Page> => {
    const { targetId } = await ask("Target.createTarget", { url: address })
    const attached = await ask("Target.attachToTarget", { targetId, flatten: true })
    const session = String(attached["sessionId"])
    await ask("Runtime.enable", {}, session)
    await ask("Log.enable", {}, session)
    return {
      log,
      evaluate: async (expression) => {
        const { result } = await ask("Runtime.evaluate", { expression, returnByValue: true }, session)
        return (result as { readonly value?: unknown }).value
      },
      type: async (text) => {
        for (const character of text) {
          const key = character === "\r" ? "Enter" : character
          const common = { key, text: character, windowsVirtualKeyCode: character === "\r" ? 13 : 0 }
          await ask("Input.dispatchKeyEvent", { type: "keyDown", ...common }, session)
          await ask("Input.dispatchKeyEvent", { type: "keyUp", key }, session)
        }
      }
    }
  }
  return { open }
})
