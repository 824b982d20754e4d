import { describe, expect, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as FramePatch from "../../../src/domain/display/FramePatch.ts"
import * as Screen from "../../../src/domain/objects/Screen.ts"
import { Features } from "../../../src/domain/ssp/SyncObject.ts"
import * as InputEcho from "../../../src/domain/terminal/InputEcho.ts"
import * as HostMessage from "../../../src/domain/wire/HostMessage.ts"
import { SyncObjectLaws } from "../../../src/testing.ts"

const { diff, equals, patch } = Screen.object
const SIZE = { columns: 20, rows: 5 }
const OURS = Features.frames | Features.echo

describe("Screen with a report of who echoes input", () => {
  const base = Screen.blank(SIZE)
  const shown = { ...base, frame: FramePatch.patch(base.frame, "Password: ") }
  const secret = { ...shown, echo: { echo: "Secret", place: 0, input: 300n } } as const

  it("carries it to a peer that knows, in one message with the frame, and to no other", () => {
    const patched = Result.getOrThrow(patch(base, diff(base, secret, OURS)))
    expect(equals(patched, secret)).toBe(true)
    expect(patched.echo).toEqual(secret.echo)
    expect(diff(secret, secret, OURS)).toEqual(new Uint8Array())
    for (const peer of [Features.stock, Features.frames, Features.frames | Features.history | Features.streams])
      expect(diff(base, secret, peer)).toEqual(diff(base, shown, peer))
    const further = { ...secret, echo: { echo: "Unknown", place: 0, input: 301n } } as const
    const events = Result.getOrThrow(HostMessage.decode(diff(secret, further, OURS)))
    expect(events).toEqual([{ _tag: "Echo", report: further.echo }])
  })

  it("has for each peer a visible part, which gives the same differences, and none for what the peer does not receive", () => {
    const full = { ...secret, position: { top: 7, first: 2, alternate: false } }
    for (let peer = 0; peer <= (Features.history | Features.echo | Features.frames | Features.streams); peer++) {
      const seen = Screen.visible(full, peer)
      expect(diff(Screen.visible(base, peer), seen, peer)).toEqual(diff(base, full, peer))
      expect(equals(seen, Screen.visible(shown, peer))).toBe((peer & (Features.history | Features.echo)) === 0)
    }
    expect(Screen.visible(full, Features.history | Features.echo)).toEqual(full)
  })

  it("differs when only the report changed, and not in something minor if a key waits for it", () => {
    expect(equals(shown, secret)).toBe(false)
    const isMinor = (echo: InputEcho.InputEcho) =>
      Screen.object.isMinor?.(shown, { ...shown, echo: { echo, place: 0, input: 1n } })
    expect(InputEcho.VALUES.filter(isMinor)).toEqual(["Unknown", "Other"])
  })

  it("refuses a report that goes back", () => {
    const of = (input: bigint) =>
      patch(secret, HostMessage.encode([{ _tag: "Echo", report: { echo: "Kernel", place: 0, input } }]))
    expect(Result.isSuccess(of(300n))).toBe(true)
    expect(Result.isSuccess(of(2n ** 63n))).toBe(true)
    expect(Result.isFailure(of(299n))).toBe(true)
  })

  it.effect("keeps the laws of a synchronised object", () =>
    SyncObjectLaws.check({
      object: Screen.object,
      histories: Arbitrary.map(
        Arbitrary.schema(
          Schema.Array(
            Schema.Struct({
              printed: Schema.Literals(["a", "b\r\n", "\x1b[H", ""]),
              echo: Schema.Literals(InputEcho.VALUES),
              typed: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 1000 }))
            })
          ).check(Schema.isMaxLength(4))
        ),
        (steps) => {
          let screen: Screen.Screen = base
          return steps.map(({ echo, printed, typed }) => {
            const input = (screen.echo?.input ?? 0n) + BigInt(typed)
            screen = { ...screen, frame: FramePatch.patch(screen.frame, printed), echo: { echo, place: typed, input } }
            return screen
          })
        }
      ),
      peers: [OURS]
    })
  )
})
