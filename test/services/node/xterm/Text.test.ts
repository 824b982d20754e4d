import { assert, describe, it } from "@effect/vitest"
import { Terminal } from "@xterm/headless/lib-headless/xterm-headless.mjs"
import * as Internals from "../../../../src/services/node/xterm/Internals.ts"
import * as Limits from "../../../../src/services/node/xterm/Limits.ts"
import * as LineWraps from "../../../../src/services/node/xterm/LineWraps.ts"
import * as Margins from "../../../../src/services/node/xterm/margins/Margins.ts"
import * as Text from "../../../../src/services/node/xterm/Text.ts"
import * as Utf8 from "../../../../src/services/node/xterm/Utf8.ts"
import { bytesOf, Steps } from "./programs.ts"

const SIZE = { columns: 24, rows: 8 }

/** A terminal; with a character set of its own, which changes nothing, xterm's loop prints each character. */
const open = (charset?: object) => {
  const terminal = new Terminal({
    allowProposedApi: true,
    cols: SIZE.columns,
    rows: SIZE.rows,
    scrollback: 0,
    logLevel: "off"
  })
  const core = Internals.open(terminal)
  Limits.install(core)
  Text.install(terminal, core, Margins.install(core), LineWraps.install(core))
  const handler = core._inputHandler
  handler._utf8Decoder = Utf8.make()
  if (charset !== undefined) {
    let selected: object | undefined
    Object.defineProperty(handler._charsetService, "charset", {
      get: () => selected ?? charset,
      set: (value: object | undefined) => {
        selected = value
      }
    })
  }
  return {
    write: (bytes: Uint8Array) => handler.parse(bytes),
    state: () => {
      const buffer = handler._activeBuffer
      const lines = Array.from({ length: SIZE.rows }, (_, y) => buffer.lines.get(buffer.ybase + y))
      return {
        cursor: [buffer.x, buffer.y],
        lines: lines.map((line) => [line?.isWrapped, line?.getString(0), Array.from(line?._data ?? [])]),
        dirty: [handler._dirtyRowTracker.start, handler._dirtyRowTracker.end],
        preceding: handler._parser.precedingJoinState
      }
    },
    close: () => terminal.dispose()
  }
}

const bytes = (text: string) => new TextEncoder().encode(text)

/** What the terminal holds after each piece. */
const printed = (pieces: ReadonlyArray<Uint8Array>, charset?: object) => {
  const terminal = open(charset)
  const states = pieces.map((piece) => {
    terminal.write(piece)
    return terminal.state()
  })
  terminal.close()
  return states
}

describe("text that fits into its line", () => {
  it.prop(
    "is placed as xterm places it, whatever a program did before",
    [Steps],
    ([steps]) => {
      const pieces = steps.map(({ output }) => bytesOf(output))
      assert.deepStrictEqual(printed(pieces), printed(pieces, {}))
    },
    { arbitrary: { runs: 100 } }
  )

  it("erases the other half of a wide character, is repeated, inserted, and waits at the last column", () => {
    const pieces = [
      "漢字\x1b[1;2Hab", // the right half of the first, the left half of the second
      "\x1b[1;4Hc",
      "漢\x1b[Dd",
      "\r\n\x1b[31mab\x1b[3b",
      "\r\x1b[4hcd\r\x1b[4lef",
      "\r\n漢字\ra",
      "\r\n" + "x".repeat(SIZE.columns),
      "y",
      "\x1b[?7l\r\n" + "x".repeat(SIZE.columns + 3),
      "z\x1b[?7h",
      "\x1b[4:3m\x1b[58;5;9mcurly\x1b[m plain",
      "\x1b]8;;http://a/\x1b\\link\x1b]8;;\x1b\\ none",
      "\x1b(0qqq\x1b(Bqqq"
    ].map(bytes)
    assert.deepStrictEqual(printed(pieces), printed(pieces, {}))
  })
})
