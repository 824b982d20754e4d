import { describe, expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { spawnSync } from "node:child_process"
import * as InputTranslation from "../../../src/domain/keyboard/InputTranslation.ts"

const { deadline, machine, initial, HOLD } = { ...InputTranslation, ...InputTranslation.machine }

const Keys = Schema.Array(
  Schema.Union([
    Schema.Literals([0x1b, 0x4f, 0x40, 0x41, 0x48, 0x49, 0x5b]),
    Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 255 }))
  ])
)

/** Types all pieces at once, then waits until nothing is held. */
const type = (pieces: ReadonlyArray<ReadonlyArray<number>>, applicationCursorKeys: boolean): ReadonlyArray<number> => {
  let state = initial
  const out: Array<number> = []
  for (const piece of pieces) {
    const input = { _tag: "Typed", bytes: Uint8Array.from(piece), applicationCursorKeys } as const
    const [next, outputs] = machine.step(state, input, 0)
    state = next
    for (const bytes of outputs) out.push(...bytes)
  }
  const [, released] = machine.step(state, { _tag: "Tick" }, HOLD)
  for (const bytes of released) out.push(...bytes)
  return out
}

const keys = (text: string) => Array.from(text, (character) => character.charCodeAt(0))
const ESC = "\x1b"

describe("InputTranslation", () => {
  it.prop("is the identity when the program asked for application keys", [Keys], ([typed]) => {
    expect(type([typed], true)).toEqual(typed)
  })

  it.prop("changes nothing but the O of cursor keys", [Keys], ([typed]) => {
    const out = type([typed], false)
    expect(out.length).toBe(typed.length)
    out.forEach((byte, i) => {
      if (byte === typed[i]) return
      expect([typed[i - 1], typed[i], byte]).toEqual([0x1b, 0x4f, 0x5b])
      expect(typed[i + 1]).toBeGreaterThanOrEqual(0x41)
      expect(typed[i + 1]).toBeLessThanOrEqual(0x48)
    })
  })

  it.prop("does not care how input is split", [Keys, Keys, Schema.Boolean], ([a, b, application]) => {
    expect(type([a, b], application)).toEqual(type([[...a, ...b]], application))
    expect(
      type(
        [...a, ...b].map((key) => [key]),
        application
      )
    ).toEqual(type([[...a, ...b]], application))
  })

  it.each([
    [`${ESC}OA${ESC}OD`, `${ESC}[A${ESC}[D`],
    [`${ESC}OH${ESC}OF${ESC}OE${ESC}OG`, `${ESC}[H${ESC}[F${ESC}[E${ESC}[G`],
    [`${ESC}OP`, `${ESC}OP`],
    [`${ESC}OI${ESC}O@${ESC}Oa`, `${ESC}OI${ESC}O@${ESC}Oa`],
    [`${ESC}O2P${ESC}O5H`, `${ESC}O2P${ESC}O5H`],
    [`${ESC}${ESC}OB`, `${ESC}${ESC}OB`],
    [`${ESC}OO${ESC}OA`, `${ESC}OO${ESC}[A`],
    ["OA", "OA"]
  ])("turns %j into %j", (typed, expected) => {
    expect(type([keys(typed)], false)).toEqual(keys(expected))
  })

  it("releases a lone Alt-O after a while", () => {
    const input = { _tag: "Typed", bytes: Uint8Array.from(keys(`${ESC}O`)), applicationCursorKeys: false } as const
    const [held, outputs] = machine.step(initial, input, 100)
    expect(outputs).toEqual([Uint8Array.of(0x1b)])
    expect(deadline(held)).toBe(100 + HOLD)
    expect(machine.step(held, { _tag: "Tick" }, 99 + HOLD)[1]).toEqual([])
    expect(machine.step(held, { _tag: "Tick" }, 100 + HOLD)).toEqual([initial, [Uint8Array.of(0x4f)]])
  })
})

/** The keys whose form depends on DECCKM (VT220; xterm's ctlseqs, "PC-Style Function Keys"). */
const CURSOR_KEYS = ["key_up", "key_down", "key_left", "key_right", "key_home", "key_end", "key_beg", "key_b2"]

/** What each key sends in application mode, by name. `undefined` where the terminal is not described on this machine. */
const keysOf = (term: string): ReadonlyArray<readonly [string, string]> | undefined => {
  const { status, stdout } = spawnSync("infocmp", ["-L1", "-x", term], { encoding: "latin1" })
  if (status !== 0) return undefined
  const described: Array<readonly [string, string]> = []
  for (const [, name = "", text = ""] of stdout.matchAll(/^\t(key_\w+|k[A-Z]+\d?)=(.*),$/gm))
    described.push([name, text.replaceAll("\\E", ESC).replaceAll("^?", "\x7f").replaceAll("^H", "\b")])
  return described
}

const TERMINALS = [
  "xterm-256color",
  "xterm",
  "vte-256color",
  "tmux-256color",
  "screen-256color",
  "rxvt-unicode-256color"
]
const MORE_TERMINALS = [
  "alacritty",
  "kitty",
  "konsole-256color",
  "st-256color",
  "linux",
  "putty-256color",
  "foot",
  "mintty"
]

describe("InputTranslation of every key that terminfo describes", () => {
  it.for([...TERMINALS, ...MORE_TERMINALS])("%s", (term, context) => {
    const described = keysOf(term)
    if (described === undefined) {
      const reason = `infocmp does not describe ${term} here (Debian package ncurses-term)`
      console.warn(reason)
      return context.skip(reason)
    }
    expect(described.length).toBeGreaterThan(20)
    for (const [name, sent] of described) {
      const cursor = CURSOR_KEYS.includes(name) && /^\x1bO[A-Z]$/.test(sent)
      expect([name, type([keys(sent)], true)]).toEqual([name, keys(sent)])
      expect([name, type([keys(sent)], false)]).toEqual([name, keys(cursor ? sent.replace("O", "[") : sent)])
    }
  })
})
