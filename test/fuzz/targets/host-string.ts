/**
 * Host strings: whatever a server sends, the client has a well-formed frame, and a difference leads from the one before.
 *
 * An input is a size and host strings under a length each; one of no length is another size.
 */
import * as FramePatch from "../../../src/domain/display/FramePatch.ts"
import * as Frame from "../../../src/domain/terminal/Frame.ts"
import { follows, followsAsStock, wellFormed } from "../frame-laws.ts"
import { piece, reader } from "../reader.ts"
import { law, type Target } from "../target.ts"
import * as ScreenTokens from "./screen-tokens.ts"

/** Host strings of one input. */
const STEPS = 12

const decoder = new TextDecoder("utf-8", { ignoreBOM: true })

/** What frames hold besides their cells. */
const clusters = (frame: Frame.Frame): number =>
  frame.rows.reduce((sum, row) => sum + (row.clusters?.size ?? 0) + (row.links?.size ?? 0), 0)

export const hostString: Target = {
  what: "host strings, applied to frames",
  seeds: () =>
    [...ScreenTokens.hostStrings(), ...ScreenTokens.outputs()].map((text, i) =>
      Buffer.concat([
        Uint8Array.of(20 + (i % 60), 6 + (i % 20)),
        piece(text.subarray(0, 600)),
        piece(text.subarray(600))
      ])
    ),
  tokens: ScreenTokens.tokens,
  maxLength: 4096,
  budget: 1000,
  quick: 800,
  run: (input) => {
    const { below, done, piece } = reader(input)
    const first = Frame.blank({ columns: 1 + below(40), rows: 1 + below(12) })
    let frame = first
    for (let step = 0; step < STEPS && !done(); step++) {
      const bytes = piece()
      const before = frame
      frame =
        bytes.length === 0
          ? FramePatch.resize(frame, { columns: 1 + below(40), rows: 1 + below(12) })
          : FramePatch.patch(frame, decoder.decode(bytes))
      if (bytes.length > 0) law(frame.size === before.size, "a host string changed the size")
      wellFormed(frame)
      law(clusters(frame) <= 2 * frame.size.columns * frame.size.rows, "more beside the cells than cells")
      follows(before, frame)
    }
    followsAsStock(first, frame)
  }
}
