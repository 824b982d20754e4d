/**
 * Reports of who echoes input, from the terminal of a session to the pictures of its clients, in virtual time.
 */
import { describe, expect, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as TestClock from "effect/testing/TestClock"
import type { InputEcho } from "../../../src/domain/terminal/InputEcho.ts"
import * as ClientSession from "../../../src/services/client/ClientSession.ts"
import { Predictor } from "../../../src/services/client/Predictor.ts"
import * as XtermEmulator from "../../../src/services/node/xterm/XtermEmulator.ts"
import * as Session from "../../../src/services/server/Session.ts"
import * as SessionTransport from "../../../src/services/server/SessionTransport.ts"
import * as FakePty from "../../../src/testing/FakePty.ts"
import * as SimulatedNetwork from "../../../src/testing/SimulatedNetwork.ts"
import { end } from "../../simulation/ends.ts"
import { rowText } from "./screens.ts"

const program = { file: "sh", arguments: [], environment: {}, directory: "/" }
const size = { columns: 40, rows: 6 }

/** A shell whose prompt is `$ `, and which asks for a password when `sudo` is entered. */
const shell = () => {
  let echo: InputEcho = "LineEditor"
  let line = ""
  const pty = FakePty.make({
    echo: () => echo,
    onTyped: (text, pty) => {
      for (const key of text) {
        if (key !== "\r") {
          line += key
          if (echo === "LineEditor") pty.print(key)
          continue
        }
        echo = echo === "LineEditor" && line === "sudo" ? "Secret" : "LineEditor"
        line = ""
        pty.print(echo === "Secret" ? "\r\nPassword: " : "\r\n$ ")
      }
    }
  })
  return pty
}

const attach = Effect.fnUntraced(function* (session: Session.Session, seed: number) {
  const network = yield* SimulatedNetwork.make({ seed, path: { delay: 150 } })
  yield* Effect.provide(SessionTransport.attach(session, { network: Infinity, signal: 0 }), yield* end(network.server))
  return yield* ClientSession.make({ size, prediction: "adaptive" }).pipe(
    Effect.provide(Context.merge(yield* end(network.client), yield* Layer.build(Predictor.layer)))
  )
})

describe("who echoes input", () => {
  it.effect("makes the first key at a known prompt instant, and hides a password at once, for two clients", () =>
    Effect.gen(function* () {
      const pty = shell()
      const session = yield* Session.make({ program, size }).pipe(
        Effect.provide(Layer.mergeAll(pty.layer, XtermEmulator.layer))
      )
      const client = yield* attach(session, 1)
      const shown = () => rowText(client.picture(), client.picture().cursor.row)
      const type = Effect.fnUntraced(function* (text: string) {
        client.typeUnsafe(text)
        const first = shown()
        yield* TestClock.adjust(2000)
        return first
      })
      yield* TestClock.adjust(1000)
      pty.print("$ ")
      yield* TestClock.adjust(1000)
      // The first prompt is not known yet.
      expect(yield* type("l")).toBe("$")
      yield* type("s\r")
      expect(yield* type("s")).toBe("$ s")
      yield* type("udo\r")
      expect(client.screen().rows[2] && rowText(client.screen(), 2)).toBe("Password:")
      client.toggleStatus()
      expect(client.notification()).toContain("password")
      client.toggleStatus()
      expect(yield* type("hunter2")).toBe("Password:")
      yield* type("\r")
      expect(yield* type("x")).toBe("$ x")

      // Enter of another client withdraws the report.
      const other = yield* attach(session, 2)
      yield* TestClock.adjust(2000)
      yield* type("\r")
      expect(session.echo()?.echo).toBe("LineEditor")
      other.typeUnsafe("sudo\r")
      yield* TestClock.adjust(2000)
      expect(session.echo()?.echo).toBe("Secret")
      expect(yield* type("h")).toBe("Password:")
      expect(yield* type("\r")).toBe("Password:")
      expect(yield* type("y")).toBe("$ y")
    })
  )

  it.effect("is not determined for a session without a client that uses it", () =>
    Effect.gen(function* () {
      let samples = 0
      const pty = FakePty.make({
        echo: () => {
          samples++
          return "LineEditor"
        }
      })
      const session = yield* Session.make({ program, size }).pipe(
        Effect.provide(Layer.mergeAll(pty.layer, XtermEmulator.layer))
      )
      session.start()
      yield* TestClock.adjust(1000)
      pty.print("$ ")
      session.type("\r")
      yield* TestClock.adjust(10_000)
      expect(samples).toBe(0)
      session.observeEcho()
      yield* TestClock.adjust(1000)
      expect(samples).toBe(1)
      expect(session.echo()).toEqual({ echo: "LineEditor", place: 0, inputs: 1 })
      pty.print("\r\x1b]133;A\x07~ $ \x1b]133;B\x07ls")
      expect(session.lineColumn()).toBe(4)
      pty.print("\r\n\x1b]133;C\x07")
      expect(session.lineColumn()).toBeUndefined()
    })
  )

  it.effect("is not sent to a peer without the feature, nor where it cannot be determined", () =>
    Effect.gen(function* () {
      const session = yield* Session.make({ program, size }).pipe(
        Effect.provide(Layer.mergeAll(FakePty.make().layer, XtermEmulator.layer))
      )
      session.observeEcho()
      session.start()
      session.type("\r")
      yield* TestClock.adjust(10_000)
      expect(session.echo()).toBeUndefined()
      expect(session.foreground()).toBeUndefined()
    })
  )
})
