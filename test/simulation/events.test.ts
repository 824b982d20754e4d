/**
 * Notifications, bells and clipboard writes of a session, as the terminals of its clients get them, in virtual time.
 */
import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as TestClock from "effect/testing/TestClock"
import * as Capabilities from "../../src/domain/display/Capabilities.ts"
import * as FrameDiff from "../../src/domain/display/FrameDiff.ts"
import type { Mode } from "../../src/domain/session/Attachments.ts"
import * as Frame from "../../src/domain/terminal/Frame.ts"
import * as NodeMoshClient from "../../src/services/node/NodeMoshClient.ts"
import * as NodeMoshServer from "../../src/services/node/NodeMoshServer.ts"
import * as XtermEmulator from "../../src/services/node/xterm/XtermEmulator.ts"
import { MoshClient } from "../../src/services/client/MoshClient.ts"
import { Predictor } from "../../src/services/client/Predictor.ts"
import { MoshServer } from "../../src/services/server/MoshServer.ts"
import * as FakePty from "../../src/testing/FakePty.ts"
import * as SimulatedNetwork from "../../src/testing/SimulatedNetwork.ts"
import { seedOr } from "../support/seed.ts"

const seed = seedOr(23)
const terminal = Capabilities.fromTerm({ term: "xterm-kitty" })

/** What a client's terminal was sent: notifications and clipboard texts in order, and the number of bells. */
const heard = (written: string) => ({
  notifications: [...written.matchAll(/\x1b\]9;([^\x07]*)\x07/g)].map(([, text]) => text),
  copied: [...written.matchAll(/\x1b\]52;c;([^\x07]*)\x07/g)].map(([, text]) => text),
  bells: written.replaceAll(/\x1b\][^\x07]*\x07/g, "").split("\x07").length - 1
})

/** A session, and clients that are admitted to it over networks of their own, each with a terminal. */
const serve = Effect.gen(function* () {
  const pty = FakePty.make()
  let next: SimulatedNetwork.SimulatedNetwork | undefined
  const server = yield* Layer.build(
    NodeMoshServer.layerOver(() => next?.server ?? (Layer.empty as never)).pipe(
      Layer.provide(Layer.merge(pty.layer, XtermEmulator.layer))
    )
  )
  const mosh = yield* Effect.provideContext(MoshServer, server)
  const session = yield* mosh.open({ program: { file: "sh", arguments: [], environment: {}, directory: "/" } })
  const attachments = yield* mosh.attachments(session, { persistent: true })
  const join = Effect.fnUntraced(function* (mode: Mode, path: SimulatedNetwork.NetworkOptions["path"] = { delay: 20 }) {
    const network = yield* SimulatedNetwork.make({ seed, path })
    next = network
    const { id, key } = yield* attachments.admit({ mode })
    const context = yield* Layer.build(
      Layer.provide(
        NodeMoshClient.layerOver(() => network.client),
        Predictor.off
      )
    )
    const { connect } = yield* Effect.provideContext(MoshClient, context)
    let shown: Frame.Frame | undefined
    let written = ""
    yield* connect({
      host: "198.51.100.1",
      port: 60001,
      key,
      notifications: false,
      onPicture: (frame) => {
        written += FrameDiff.diff(shown ?? Frame.blank(frame.size), frame, terminal)
        shown = frame
      }
    })
    yield* TestClock.adjust(1000)
    return { id, network, heard: () => heard(written) }
  })
  const notify = (...numbers: ReadonlyArray<number>): void =>
    pty.print(numbers.map((number) => `\x1b]9;event ${number}\x07\x07`).join(""))
  const copy = (text: string): void => pty.print(`\x1b]52;c;${text}\x07`)
  return { attachments, copy, join, notify }
})

const upTo = (last: number, first = 1): ReadonlyArray<number> =>
  Array.from({ length: last - first + 1 }, (_, i) => first + i)
const named = (numbers: ReadonlyArray<number>): ReadonlyArray<string> => numbers.map((number) => `event ${number}`)

it.effect(`on a network that loses, repeats and reorders, each event arrives once (seed ${seed})`, () =>
  Effect.gen(function* () {
    const { copy, join, notify } = yield* serve
    const client = yield* join("TakeOver", { delay: 60, jitter: 80, loss: 0.4, duplicate: 0.2 })
    yield* TestClock.adjust(5000)
    for (const number of upTo(60)) {
      notify(number)
      if (number % 20 === 0) copy("c2FtZQ==")
      yield* TestClock.adjust(30 + 7 * (number % 40))
    }
    yield* TestClock.adjust(20_000)
    expect(client.heard()).toEqual({ notifications: named(upTo(60)), copied: Array(3).fill("c2FtZQ=="), bells: 60 })
  }).pipe(Effect.scoped)
)

it.effect("a client that was away gets the newest when it returns, and how many it missed", () =>
  Effect.gen(function* () {
    const { copy, join, notify } = yield* serve
    const client = yield* join("TakeOver")
    client.network.filter = () => false
    for (const number of upTo(20)) {
      notify(number)
      copy(number < 20 ? "b2xk" : "bmV3")
      yield* TestClock.adjust(60_000)
    }
    expect(client.heard().notifications).toEqual([])
    client.network.filter = () => true
    yield* TestClock.adjust(10_000)
    const expected = { notifications: [...named(upTo(20, 5)), "and 4 more"], copied: ["bmV3"], bells: 16 }
    expect(client.heard()).toEqual(expected)
    yield* TestClock.adjust(60_000)
    expect(client.heard()).toEqual(expected)
  }).pipe(Effect.scoped)
)

it.effect("a client that attaches later gets what no client received, and nothing older", () =>
  Effect.gen(function* () {
    const { attachments, copy, join, notify } = yield* serve
    const first = yield* join("TakeOver")
    notify(1, 2, 3)
    copy("Zmlyc3Q=")
    yield* TestClock.adjust(1000)
    expect(first.heard()).toEqual({ notifications: named(upTo(3)), copied: ["Zmlyc3Q="], bells: 3 })

    // The first client vanishes; the second takes the session over.
    first.network.filter = () => false
    notify(4, 5)
    yield* TestClock.adjust(1000)
    const second = yield* join("TakeOver")
    expect(second.heard()).toEqual({ notifications: named([4, 5]), copied: [], bells: 2 })

    // It detaches, and the session has no client.
    attachments.close(second.id)
    yield* TestClock.adjust(20_000)
    expect(attachments.list()).toEqual([])
    notify(6)
    copy("d2hpbGUgYXdheQ==")
    yield* TestClock.adjust(60_000)
    const third = yield* join("TakeOver")
    expect(third.heard()).toEqual({ notifications: named([6]), copied: ["d2hpbGUgYXdheQ=="], bells: 1 })

    // Of what happens from now on, both get each event once.
    const beside = yield* join("Share")
    expect(beside.heard()).toEqual({ notifications: [], copied: [], bells: 0 })
    notify(7)
    copy("Ym90aA==")
    yield* TestClock.adjust(1000)
    expect(beside.heard()).toEqual({ notifications: named([7]), copied: ["Ym90aA=="], bells: 1 })
    expect(third.heard()).toEqual({
      notifications: named([6, 7]),
      copied: ["d2hpbGUgYXdheQ==", "Ym90aA=="],
      bells: 2
    })
    expect(second.heard().notifications).toEqual(named([4, 5]))
  }).pipe(Effect.scoped)
)
