/**
 * `node test/security/costly.ts [NAME]`: what one instruction of the largest size costs its receiver, in milliseconds of CPU, for
 * each kind that is expensive. An instruction of 4 MiB takes some 4 kB on the wire.
 *
 * It measures inflating, decoding, applying, predicting, and drawing on a terminal or as plain text. The first of three
 * runs compiles the code; the line shows the second and third.
 */
import { cpuUsage, stdout } from "node:process"
import * as Result from "effect/Result"
import * as Zlib from "node:zlib"
import * as PlainTextRenderer from "../../src/domain/client/PlainTextRenderer.ts"
import * as Capabilities from "../../src/domain/display/Capabilities.ts"
import * as FramePatch from "../../src/domain/display/FramePatch.ts"
import * as FrameDiff from "../../src/domain/display/FrameDiff.ts"
import * as Prediction from "../../src/domain/prediction/Prediction.ts"
import * as Screen from "../../src/domain/objects/Screen.ts"
import * as UserStream from "../../src/domain/objects/UserStream.ts"
import type { Size } from "../../src/domain/terminal/Frame.ts"
import * as HostMessage from "../../src/domain/wire/HostMessage.ts"
import * as Instruction from "../../src/domain/wire/Instruction.ts"
import * as UserMessage from "../../src/domain/wire/UserMessage.ts"

const LENGTH = 4_100_000
const SMALL: Size = { columns: 80, rows: 24 }
const LARGE: Size = { columns: 256, rows: 4096 }
const terminal = Capabilities.fromTerm({ term: "xterm-256color" })

const filled = (piece: string): string => piece.repeat(Math.floor(LENGTH / Buffer.byteLength(piece)))
const host = (text: string): Uint8Array => HostMessage.encode([{ _tag: "HostBytes", host: text }])
const bytes = (...piece: ReadonlyArray<number>): Uint8Array => {
  const whole = new Uint8Array(Math.floor(LENGTH / piece.length) * piece.length)
  for (let i = 0; i < whole.length; i++) whole[i] = piece[i % piece.length] as number
  return whole
}

const primed = (size: Size, text: string) => FramePatch.patch(Screen.blank(size).frame, text)
const lines = (text: (y: number) => string) => Array.from({ length: 4096 }, (_, y) => text(y)).join("\r\n")

interface Costly {
  readonly name: string
  /** The instruction, or only its difference. */
  readonly diff: Uint8Array
  readonly size?: Size
  /** What the screen showed before. */
  readonly before?: string
  readonly to: "terminal" | "text" | "server"
}

const costly: ReadonlyArray<Costly> = [
  ...[SMALL, LARGE].flatMap((size): ReadonlyArray<Costly> => {
    const texts = {
      "narrow characters": filled("x"),
      "empty cells": filled("\x7f"),
      "wide characters": filled("\u754c"),
      "wide characters, each over half of another": filled("\u754c\x1b[2D\x1b[C"),
      "astral wide characters": filled("\u{1f600}"),
      marks: filled("x\u0301"),
      "marks of one cell": filled("\u0301"),
      "line feeds": filled("\n"),
      "line feeds and characters": filled("x\n"),
      "new lines": filled("\r\nx"),
      renditions: filled("\x1b[1m\x1b[m"),
      "long renditions": filled(`\x1b[${"1;3;4;5;7;38;5;9;".repeat(3)}m`),
      "colours of each cell": filled("\x1b[31mx\x1b[32my"),
      modes: filled("\x1b[?1000;1006;1004;2004;1007;5h\x1b[?1000;1006;1004;2004;1007;5l"),
      links: filled("\x1b]8;;x\x07a\x1b]8;;y\x07b"),
      "different links": Array.from({ length: 290_000 }, (_, i) => `\x1b]8;;${i.toString(36)}\x07a`).join(""),
      clipboards: filled("\x1b]52;c;\x07"),
      "clipboards of all selections": filled("\x1b]52;cpqs01234567;QQ==\x07"),
      titles: filled("\x1b]0;title\x07"),
      "long titles": filled(`\x1b]0;${"t".repeat(1000)}\x07`),
      "erased lines": filled("\x1b[2K\x1b[K"),
      "erased characters": filled("\x1b[H\x1b[9999X"),
      "cleared screens": filled("\x1b[2J"),
      "inserted lines": filled("\x1b[H\x1b[L"),
      "deleted lines": filled("\x1b[H\x1b[9M"),
      "coloured clears": filled("\x1b[41m\x1b[2J"),
      bells: filled("\x07"),
      notifications: filled("\x1b]777;notify=1;9;1;0;x\x07"),
      "long notifications": filled(`\x1b]777;notify=1;9;1;0;${"x".repeat(1000)}\x07`),
      "the cursor's colour": filled("\x1b]12;red\x07\x1b]112\x07"),
      palettes: filled(`\x1b]4;${Array.from({ length: 256 }, (_, i) => `${i};red`).join(";")}\x07\x1b]104\x07`),
      variables: filled(
        Array.from(
          { length: 32 },
          (_, i) => `\x1b]1337;SetUserVar=${i}=eA==\x07\x1b]1337;SetUserVar=${i}=eQ==\x07`
        ).join("")
      ),
      moves: filled("\x1b[9;9H")
    }
    return Object.entries(texts).map(([name, text]) => ({
      name: `${name}, ${size.columns} by ${size.rows}`,
      diff: host(text),
      size,
      to: "terminal"
    }))
  }),
  {
    name: "rows, as text",
    before: lines((y) => `${y}`),
    diff: host(`\x1b[H${lines((y) => `line ${y}`)}`),
    size: LARGE,
    to: "text"
  },
  { name: "equal rows, as text", before: lines(() => "line"), diff: host(`\x1b[41mx`), size: LARGE, to: "text" },
  {
    name: "full rows, as text",
    before: filled("x").slice(0, 1 << 20),
    diff: host(`\x1b[H${filled("y").slice(0, 1 << 20)}`),
    size: LARGE,
    to: "text"
  },
  {
    name: "full rows in one column less, as text",
    before: filled("x").slice(0, 1 << 20),
    diff: HostMessage.encode([{ _tag: "Resize", size: { columns: 255, rows: 4096 } }]),
    size: LARGE,
    to: "text"
  },
  {
    name: "blank rows that wrap, as text",
    before: filled(" ").slice(0, 1 << 20),
    diff: host(`\x1b[Hx`),
    size: LARGE,
    to: "text"
  },
  {
    name: "sizes",
    diff: HostMessage.encode(
      Array.from({ length: 8 }, (_, i) => ({ _tag: "Resize", size: { columns: 256 - i, rows: 4096 } }))
    ),
    to: "terminal"
  },
  { name: "unknown fields", diff: bytes(0x78, 0x01), to: "terminal" },
  { name: "unknown groups", diff: bytes(0x7b, 0x7c), to: "terminal" },
  {
    name: "unknown long fields",
    diff: bytes(0x78, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01),
    to: "terminal"
  },
  { name: "empty fields", diff: bytes(0x7a, 0x00), to: "terminal" },
  { name: "empty instructions to a server", diff: bytes(0x0a, 0x00), to: "server" },
  { name: "instructions with fields to a server", diff: bytes(0x0a, 0x04, 0x78, 0x01, 0x78, 0x01), to: "server" },
  { name: "keystrokes", diff: bytes(0x0a, 0x05, 0x12, 0x03, 0x22, 0x01, 0x6b), to: "server" },
  {
    name: "keystrokes and sizes",
    diff: bytes(0x0a, 0x05, 0x12, 0x03, 0x22, 0x01, 0x6b, 0x0a, 0x06, 0x1a, 0x04, 0x28, 0x50, 0x30, 0x18),
    to: "server"
  },
  {
    name: "as many keystrokes and sizes as may be, to a server",
    diff: bytes(0x0a, 0x05, 0x12, 0x03, 0x22, 0x01, 0x6b, 0x0a, 0x06, 0x1a, 0x04, 0x28, 0x50, 0x30, 0x18).subarray(
      0,
      15 * 16_384
    ),
    to: "server"
  },
  { name: "sizes to a server", diff: bytes(0x0a, 0x06, 0x1a, 0x04, 0x28, 0x50, 0x30, 0x18), to: "server" },
  { name: "keys", diff: UserMessage.encode([{ _tag: "Keys", bytes: new Uint8Array(LENGTH).fill(0x6b) }]), to: "server" }
]

const run = ({ before = "", diff, size = SMALL, to }: Costly): (() => void) => {
  const compressed = Zlib.deflateSync(
    Instruction.encode(
      { oldNumber: 0n, newNumber: 1n, acknowledged: 0n, throwaway: 0n, features: 0, diff },
      new Uint8Array(0)
    )
  )
  const screen = { ...Screen.blank(size), frame: primed(size, before) }
  const prediction = Prediction.initial({ preference: "adaptive", overwrite: false }, screen.frame)
  const [text] = PlainTextRenderer.step(PlainTextRenderer.initial, screen.frame)
  return () => {
    const decoded = Instruction.decode(Zlib.inflateSync(compressed))
    if (Result.isFailure(decoded)) return
    if (to === "server") {
      const patched = UserStream.object.patch(UserStream.EMPTY, decoded.success.diff)
      if (Result.isSuccess(patched)) UserStream.since(patched.success, UserStream.EMPTY)
      return
    }
    const patched = Screen.object.patch(screen, decoded.success.diff)
    if (Result.isFailure(patched)) return
    Screen.object.weight?.(patched.success)
    const { echoAck, frame } = patched.success
    const [{ picture }] = Prediction.machine.step(prediction, { _tag: "Received", frame, echoed: echoAck }, 100)
    if (to === "text") PlainTextRenderer.step(text, picture)
    else
      Buffer.from(
        FrameDiff.diff(screen.frame, picture.size.rows === 24 ? picture : FramePatch.resize(picture, SMALL), terminal)
      )
  }
}

const only = process.argv[2]
for (const each of costly) {
  if (only !== undefined && !each.name.includes(only)) continue
  const once = run(each)
  once()
  const times = [0, 0].map(() => {
    const before = cpuUsage()
    once()
    return cpuUsage(before).user / 1000
  })
  stdout.write(`${times.map((time) => time.toFixed(0).padStart(6)).join("")}  ${each.name}\n`)
}
