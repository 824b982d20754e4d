import { describe, expect, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Capabilities from "../../../src/domain/display/Capabilities.ts"
import * as FrameDiff from "../../../src/domain/display/FrameDiff.ts"
import * as FramePatch from "../../../src/domain/display/FramePatch.ts"
import * as Screen from "../../../src/domain/objects/Screen.ts"
import * as SessionEnding from "../../../src/domain/wire/SessionEnding.ts"
import { Features } from "../../../src/domain/ssp/SyncObject.ts"
import * as UserStream from "../../../src/domain/objects/UserStream.ts"
import type * as Frame from "../../../src/domain/terminal/Frame.ts"
import * as Row from "../../../src/domain/terminal/Row.ts"
import { SyncObjectLaws } from "../../../src/testing.ts"
import * as PositionMessage from "../../../src/domain/wire/PositionMessage.ts"
import * as HostMessage from "../../../src/domain/wire/HostMessage.ts"
import { hostile } from "../wire/hostile.ts"
import { start } from "../ssp/session.ts"

const { diff, equals, patch } = Screen.object
const SIZE = { columns: 20, rows: 5 }

const draw = (screen: Screen.Screen, host: string, echoAck = screen.echoAck): Screen.Screen => ({
  frame: FramePatch.patch(screen.frame, host),
  echoAck
})

const lines = (frame: Frame.Frame): ReadonlyArray<string> =>
  frame.rows.map((row) => Array.from({ length: frame.size.columns }, (_, x) => Row.text(row, x) || " ").join(""))

/** What a program might print: enough to move, scroll, colour, erase. */
const Printed = Schema.Array(
  Schema.Literals([
    "a",
    "b",
    " ",
    "\r\n",
    "\x1b[H",
    "\x1b[2J",
    "\x1b[1m",
    "\x1b[0;44m",
    "\x1b[K",
    "\x1b[3;5H",
    "漢",
    "\x07"
  ])
)
const Size = Schema.Struct({
  columns: Schema.Int.check(Schema.isBetween({ minimum: 2, maximum: 30 })),
  rows: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 8 }))
})
const OURS = Features.frames | Features.copies
const Peer = Schema.Literals([Features.stock, Features.frames, OURS, OURS | Features.events])

describe("Screen", () => {
  it.prop(
    "is at the peer what it is here, whatever changed",
    [Printed, Printed, Size, Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 1000 })), Peer],
    ([before, after, size, echoAck, peer]) => {
      const a = draw(Screen.blank(SIZE), before.join(""))
      const resized = { ...a, frame: FramePatch.resize(a.frame, size) }
      const b = draw(resized, after.join(""), BigInt(echoAck))
      const patched = Result.getOrThrow(patch(a, diff(a, b, peer)))
      expect(patched.echoAck).toBe(b.echoAck)
      // A stock peer may hold a space where a cell is empty.
      if (peer === Features.stock) expect(lines(patched.frame)).toEqual(lines(b.frame))
      else expect(equals(patched, b)).toBe(true)
    }
  )

  it("has an empty difference without a change, and a short one otherwise", () => {
    const a = draw(Screen.blank(SIZE), "hello")
    expect(diff(a, a, 0).length).toBe(0)
    const events = Result.getOrThrow(HostMessage.decode(diff(a, draw(a, "!", 3n), 0)))
    expect(events.map(({ _tag }) => _tag)).toEqual(["EchoAck", "HostBytes"])
    const onlyEcho = Result.getOrThrow(HostMessage.decode(diff(a, { ...a, echoAck: 4n }, 0)))
    expect(onlyEcho).toEqual([{ _tag: "EchoAck", number: 4n }])
  })

  it("sends a peer of another size the size first, then everything", () => {
    const screen = draw(Screen.blank(SIZE), "hello")
    const events = Result.getOrThrow(HostMessage.decode(diff(Screen.blank({ columns: 80, rows: 24 }), screen, 0)))
    expect(events.map(({ _tag }) => _tag)).toEqual(["Resize", "HostBytes"])
  })

  it("refuses an echo ack that goes back", () => {
    const back = HostMessage.encode([{ _tag: "EchoAck", number: 4n }])
    expect(Result.isFailure(patch({ ...Screen.blank(SIZE), echoAck: 5n }, back))).toBe(true)
    expect(Result.isSuccess(patch({ ...Screen.blank(SIZE), echoAck: 4n }, back))).toBe(true)
  })

  it("never throws, whatever differences it reads, and stays a screen", () => {
    const base = draw(Screen.blank(SIZE), "hello\r\n\x1b[1;44mworld 漢字")
    const honest = [
      diff(Screen.blank(SIZE), draw(base, "\x1b[2;4r\x1b[4;1H\n\x1b[?25l", 9n), 0),
      HostMessage.encode([{ _tag: "Resize", size: { columns: 40, rows: 9 } }])
    ]
    let good = 0
    for (const bytes of hostile(honest, 10_000)) {
      const patched = patch(base, bytes)
      if (Result.isFailure(patched)) continue
      good++
      const { size, rows, cursor } = patched.success.frame
      expect(rows.length).toBe(size.rows)
      expect(cursor.row < size.rows && cursor.column < size.columns).toBe(true)
    }
    expect(good).toBeGreaterThan(0)
    expect(good).toBeLessThan(10_000)
  })

  it("sets the user's clipboard twice if a text is copied twice, and with a stock peer once", () => {
    const terminal = Capabilities.fromTerm({ term: "xterm-256color" })
    for (const [features, times] of [
      [OURS, 5],
      [Features.frames, 1],
      [Features.stock, 1]
    ] as const) {
      const { client, runUntil, server } = start({
        client: { object: UserStream.object, initial: UserStream.EMPTY },
        server: { object: Screen.object, initial: Screen.blank(SIZE) },
        conditions: { seed: 1, loss: 0.2, duplication: 0, delay: [5, 50] },
        features: { client: features, server: OURS }
      })
      let shown = client.remote().state.frame
      let painted = ""
      const paint = () => {
        const { frame } = client.remote().state
        painted += FrameDiff.diff(shown, frame, terminal)
        shown = frame
      }
      for (let i = 0; i < 5; i++) {
        server.publish(draw(server.local(), `\x1b]52;c;eA==\x07${i}`))
        expect(
          runUntil(() => {
            paint()
            return lines(shown)[0]?.includes(String(i)) ?? false
          }, 120_000)
        ).toBe(true)
      }
      expect(painted.split("\x1b]52;c;eA==\x07").length - 1).toBe(times)
    }
  })

  it("arrives whole over a bad network, with input the other way", () => {
    for (let seed = 1; seed <= 5; seed++) {
      const { client, server, run, runUntil } = start({
        client: { object: UserStream.object, initial: UserStream.EMPTY },
        server: { object: Screen.object, initial: Screen.blank({ columns: 80, rows: 24 }) },
        conditions: { seed, loss: 0.3, duplication: 0.2, delay: [5, 150] },
        features: { client: Features.frames, server: Features.frames }
      })
      for (let i = 0; i < 100; i++) {
        client.publish(UserStream.push(client.local(), Uint8Array.from([97 + (i % 26)])))
        server.publish(draw(server.local(), `line ${i} \x1b[3${i % 8}mof many\x1b[0m\r\n`, BigInt(i)))
        run(37)
      }
      const isSame = () =>
        equals(client.remote().state, server.local()) && server.remote().state.end === client.local().end
      expect(runUntil(isSame, 120_000)).toBe(true)
    }
  })

  it("sends the session's ending to a peer that understands it, and to no other", () => {
    const base = Screen.blank(SIZE)
    const target = { ...base, ending: { why: "ProgramEnded", status: 3 } } as const
    const told = diff(base, target, Features.frames | Features.endings)
    expect(Result.getOrThrow(patch(base, told))).toEqual(target)
    expect(equals(base, target)).toBe(false)
    expect(diff(target, target, Features.endings)).toEqual(new Uint8Array())
    expect(diff(base, target, Features.frames)).toEqual(new Uint8Array())
    for (const bytes of [[8, 99, 16, 0], [8, 1, 16, 0x81, 2], [8, 0], [8], [0xff], []]) {
      const read = SessionEnding.decode(Uint8Array.from(bytes))
      if (Result.isFailure(read)) continue
      const { status = 0 } = read.success
      expect(status).toBeGreaterThanOrEqual(0)
      expect(status).toBeLessThanOrEqual(255)
    }
    for (const ending of [
      { why: "Terminated", status: undefined },
      { why: "TakenOver", status: undefined, from: "192.0.2.7", session: "work" },
      { why: "Detached", status: undefined, session: "4711" },
      { why: undefined, status: 255 }
    ] as const)
      expect(Result.getOrThrow(SessionEnding.decode(SessionEnding.encode(ending)))).toEqual(ending)
  })

  it("sends the modes of the keyboard to a peer that understands them, and to no other", () => {
    const base = Screen.blank(SIZE)
    const keyboard = { applicationKeypad: true, modifyOtherKeys: 2, formatOtherKeys: 1, kitty: 5 }
    const target = { ...base, frame: { ...base.frame, modes: { ...base.frame.modes, keyboard } } }
    const patched = Result.getOrThrow(patch(base, diff(base, target, OURS | Features.terminal)))
    expect(patched.frame.modes.keyboard).toEqual(keyboard)
    for (const peer of [Features.stock, OURS, OURS | Features.history]) {
      expect(diff(base, target, peer)).toEqual(new Uint8Array())
      expect(equals(Screen.visible(target, peer), base)).toBe(true)
    }
  })

  it("sends its position in the history to a peer that understands it, in one message with the frame, and to no other", () => {
    const base = Screen.blank(SIZE)
    const shown = draw(base, "hello")
    const target = { ...shown, position: { top: 70_000, first: 3, alternate: true } }
    const told = diff(base, target, OURS | Features.history)
    const patched = Result.getOrThrow(patch(base, told))
    expect(equals(patched, target)).toBe(true)
    expect(patched.position).toEqual(target.position)
    expect(diff(target, target, OURS | Features.history)).toEqual(new Uint8Array())
    for (const peer of [Features.stock, OURS, OURS | Features.endings | Features.streams])
      expect(diff(base, target, peer)).toEqual(diff(base, shown, peer))
    const further = { ...target, position: { ...target.position, top: 70_001 } }
    const events = Result.getOrThrow(HostMessage.decode(diff(target, further, OURS | Features.history)))
    expect(events).toEqual([{ _tag: "Position", position: further.position }])
    expect(Result.getOrThrow(patch(target, diff(target, further, OURS | Features.history)))).toEqual(further)
  })

  it("sends notifications and properties to a peer that understands them, and to others not a byte", () => {
    const base = draw(Screen.blank(SIZE), "hello")
    const told = draw(base, "\x1b]777;notify=1;9;1;0;done\x07\x1b]7;file:///tmp\x07\x1b]12;red\x07\x1b]9;4;1;50\x07")
    const ours = OURS | Features.events
    expect(Result.getOrThrow(patch(base, diff(base, told, ours)))).toEqual(told)
    expect(diff(told, told, ours)).toEqual(new Uint8Array())
    for (const peer of [Features.stock, Features.frames, OURS, OURS | Features.history]) {
      expect(diff(base, told, peer)).toEqual(new Uint8Array())
      expect(equals(Screen.visible(base, peer), Screen.visible(told, peer))).toBe(true)
    }
    expect(Screen.visible(told, ours).frame).toBe(told.frame)
  })

  it("differs when only rows left the screen, and that is not minor", () => {
    const base = { ...Screen.blank(SIZE), position: { top: 1, first: 0, alternate: false } }
    const further = { ...base, position: { top: 2, first: 0, alternate: false } }
    expect(equals(base, further)).toBe(false)
    expect(Screen.object.isMinor?.(base, further)).toBe(false)
    expect(Screen.object.isMinor?.(base, { ...base, echoAck: 9n })).toBe(true)
  })

  it("refuses positions that go back, or are impossible", () => {
    const base = { ...Screen.blank(SIZE), position: { top: 10, first: 5, alternate: false } }
    const of = (top: number, first: number) =>
      patch(base, HostMessage.encode([{ _tag: "Position", position: { top, first, alternate: false } }]))
    expect(Result.isSuccess(of(10, 5))).toBe(true)
    expect(Result.isSuccess(of(Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER))).toBe(true)
    for (const [top, first] of [
      [9, 5],
      [10, 4],
      [10, 11],
      [2 ** 53, 5],
      [2 ** 60, 5]
    ] as const)
      expect(Result.isFailure(of(top, first))).toBe(true)
    expect(Result.isFailure(PositionMessage.decode(Uint8Array.of(8)))).toBe(true)
  })

  it.effect("keeps the laws of a synchronised object with positions", () =>
    SyncObjectLaws.check({
      object: Screen.object,
      histories: Arbitrary.map(
        Arbitrary.schema(
          Schema.Array(
            Schema.Struct({
              printed: Printed,
              top: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 2 ** 40 })),
              erased: Schema.Boolean,
              alternate: Schema.Boolean
            })
          ).check(Schema.isMaxLength(4))
        ),
        (steps) => {
          let screen: Screen.Screen = Screen.blank(SIZE)
          return steps.map(({ alternate, erased, printed, top }) => {
            const total = (screen.position?.top ?? 0) + top
            const position = { top: total, first: erased ? total : (screen.position?.first ?? 0), alternate }
            screen = { ...draw(screen, printed.join("")), position }
            return screen
          })
        }
      ),
      peers: [OURS | Features.history]
    })
  )
})
