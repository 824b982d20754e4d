import { describe, expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as KeyDecoder from "../../../src/domain/keyboard/KeyDecoder.ts"

const { HOLD, LONGEST_SEQUENCE, initial, machine } = KeyDecoder
const encoder = new TextEncoder()

/** Decodes pieces that arrive at once, and then what is left after the wait. */
const decode = (...pieces: ReadonlyArray<string | Uint8Array>): ReadonlyArray<KeyDecoder.Key> => {
  const keys: Array<KeyDecoder.Key> = []
  let state = initial
  for (const piece of pieces) {
    const bytes = typeof piece === "string" ? encoder.encode(piece) : piece
    const [next, outputs] = machine.step(state, { _tag: "Typed", bytes }, 0)
    state = next
    keys.push(...outputs)
  }
  const due = machine.deadline(state)
  if (due !== Infinity) keys.push(...machine.step(state, { _tag: "Tick" }, due)[1])
  return keys
}

/** A key in a short form: `C-A-S-Name`, or the character. */
const short = (key: KeyDecoder.Key): string => {
  if (key._tag === "Paste") return `paste:${key.text}${key.end ? "." : "…"}`
  if (key._tag === "Sequence") return `sequence:${key.text.slice(1)}`
  const modifiers = `${key.ctrl ? "C-" : ""}${key.alt ? "A-" : ""}${key.shift ? "S-" : ""}`
  return modifiers + (key._tag === "Key" ? key.name : key.text)
}

const shorts = (...pieces: ReadonlyArray<string | Uint8Array>) => decode(...pieces).map(short)

/** The same keys, with pasted text in one piece. */
const joined = (keys: ReadonlyArray<KeyDecoder.Key>): ReadonlyArray<KeyDecoder.Key> => {
  const result: Array<KeyDecoder.Key> = []
  for (const key of keys) {
    const last = result.at(-1)
    if (key._tag === "Paste" && last?._tag === "Paste" && !last.end)
      result[result.length - 1] = { ...key, text: last.text + key.text }
    else result.push(key)
  }
  return result
}

const Typed = Schema.Array(
  Schema.Union([
    Schema.Literals([
      "\x1b",
      "[",
      "O",
      "A",
      "~",
      ";",
      "5",
      "M",
      "\x1b[200~",
      "\x1b[201~",
      "\x1b[1;5C",
      "é",
      "日",
      "🚀"
    ]),
    Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 255 }))
  ])
)

const bytesOf = (typed: Schema.Schema.Type<typeof Typed>): Uint8Array =>
  Uint8Array.from(typed.flatMap((part) => (typeof part === "number" ? [part] : [...encoder.encode(part)])))

describe("KeyDecoder", () => {
  it("knows characters, controls and Alt", () => {
    expect(shorts("aé日🚀")).toEqual(["a", "é", "日", "🚀"])
    expect(shorts("\r\t\x7f\x01\x1a\0\x1c\x08\n")).toEqual([
      "Enter",
      "Tab",
      "Backspace",
      "C-a",
      "C-z",
      "C- ",
      "C-\\",
      "C-h",
      "C-j"
    ])
    expect(shorts("\x1bx\x1b\r\x1b\x7f\x1b\x01")).toEqual(["A-x", "A-Enter", "A-Backspace", "C-A-a"])
  })

  it("knows the keys of xterm, in both forms of the cursor keys", () => {
    expect(shorts("\x1b[A\x1bOA\x1b[D\x1bOH\x1b[F\x1b[E")).toEqual(["Up", "Up", "Left", "Home", "End", "Begin"])
    expect(shorts("\x1b[2~\x1b[3~\x1b[5~\x1b[6~\x1b[1~\x1b[4~\x1b[7~\x1b[8~")).toEqual([
      "Insert",
      "Delete",
      "PageUp",
      "PageDown",
      "Home",
      "End",
      "Home",
      "End"
    ])
    expect(shorts("\x1bOP\x1bOS\x1b[15~\x1b[17~\x1b[24~\x1b[34~")).toEqual(["F1", "F4", "F5", "F6", "F12", "F20"])
    expect(shorts("\x1b[Z\x1b[1;5C\x1b[3;2~\x1b[1;3P\x1bO5A\x1b\x1b[B")).toEqual([
      "S-Tab",
      "C-Right",
      "S-Delete",
      "A-F1",
      "C-Up",
      "A-Down"
    ])
    expect(shorts("\x1b[[A\x1b[[E")).toEqual(["F1", "F5"])
    expect(shorts("\x1bOM\x1bOp\x1bOy\x1bOk")).toEqual(["Enter", "0", "9", "+"])
    expect(shorts("\x1b[97;5u\x1b[27;6;65~\x1b[13;2u\x1b[97:65;5:1u")).toEqual(["C-a", "C-S-A", "S-Enter", "C-a"])
  })

  it("passes on unknown sequences, whole", () => {
    expect(shorts("\x1b[<0;3;4M\x1b[I\x1b[M !!x")).toEqual(["sequence:[<0;3;4M", "sequence:[I", "sequence:[M !!", "x"])
    expect(shorts("\x1b[55296u\x1b[99~")).toEqual(["sequence:[55296u", "sequence:[99~"])
  })

  it("waits for the rest of a sequence, and decodes a lone escape as a key if none arrives", () => {
    const [held, none] = machine.step(initial, { _tag: "Typed", bytes: Uint8Array.of(0x1b) }, 10)
    expect(none).toEqual([])
    expect(machine.deadline(held)).toBe(10 + HOLD)
    expect(machine.step(held, { _tag: "Tick" }, 9 + HOLD)).toEqual([held, []])
    expect(machine.step(held, { _tag: "Tick" }, 10 + HOLD)[1].map(short)).toEqual(["Escape"])
    expect(machine.step(held, { _tag: "Typed", bytes: encoder.encode("[A") }, 50)[1].map(short)).toEqual(["Up"])
    expect(shorts("\x1b\x1b")).toEqual(["Escape", "Escape"])
    expect(shorts("\x1b[")).toEqual(["A-["])
    expect(shorts("\x1b[1;")).toEqual(["sequence:[1;"])
    expect(shorts("\x1b[1\x1b[A")).toEqual(["sequence:[1", "Up"])
    expect(shorts("\x1bé")).toEqual(["Escape", "é"])
  })

  it("passes on pasted text as text, including keys in it", () => {
    expect(shorts("a\x1b[200~b\r\x1b[A\x1b[201~c")).toEqual(["a", "paste:b\r\x1b[A.", "c"])
    expect(shorts("\x1b[200~one", " two\x1b[20", "1~")).toEqual(["paste:one…", "paste: two…", "paste:."])
    expect(shorts("\x1b[200~\x1b[20\x1b[201~")).toEqual(["paste:\x1b[20."])
    expect(
      machine.deadline(machine.step(initial, { _tag: "Typed", bytes: encoder.encode("\x1b[200~x\x1b") }, 0)[0])
    ).toBe(Infinity)
  })

  it("replaces malformed UTF-8, and keeps a byte order mark", () => {
    expect(shorts(Uint8Array.of(0xff, 0x61, 0xc3, 0x0d, 0xe2, 0x82, 0x61))).toEqual([
      "\ufffd",
      "a",
      "\ufffd",
      "Enter",
      "\ufffd",
      "a"
    ])
    expect(shorts("\ufeffa")).toEqual(["\ufeff", "a"])
  })

  it.prop("does not depend on how the bytes are split", [Typed, Schema.Int], ([typed, where]) => {
    const bytes = bytesOf(typed)
    const at = bytes.length === 0 ? 0 : Math.abs(where) % bytes.length
    const single = Array.from(bytes, (byte) => Uint8Array.of(byte))
    const whole = joined(decode(bytes))
    expect(joined(decode(bytes.subarray(0, at), bytes.subarray(at)))).toEqual(whole)
    expect(joined(decode(...single))).toEqual(whole)
  })

  it.prop("holds little, whatever arrives", [Typed], ([typed]) => {
    const [state] = machine.step(initial, { _tag: "Typed", bytes: bytesOf(typed) }, 0)
    expect(state.sequence.length).toBeLessThanOrEqual(LONGEST_SEQUENCE)
    expect(state.character.length).toBeLessThanOrEqual(3)
    // A view would retain the whole input.
    expect(state.character.buffer.byteLength).toBeLessThanOrEqual(3)
  })

  it("reports a sequence without end in parts", () => {
    const keys = decode(`\x1b[${"1;".repeat(100)}A`)
    expect(keys[0]).toMatchObject({ _tag: "Sequence" })
    expect(Math.max(...keys.map((key) => ("text" in key ? key.text.length : 0)))).toBeLessThanOrEqual(LONGEST_SEQUENCE)
  })
})
