/**
 * A transcript: everything that a session has shown, as plain text in a file. Each line is appended once it has left the
 * screen, and the last screen at the end. Lines that wrapped are whole again.
 *
 *     npm run build && node examples/transcript.ts /tmp/transcript.txt
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Effect, Stream } from "effect"
import { Row, type Session } from "effect-mosh"
import { NodeMoshServer } from "effect-mosh/node"
import * as Fs from "node:fs"
import { serveShell } from "./embed-server.ts"

/** Writes the transcript of a session, until the session has ended. A file that exists is replaced. */
export const transcribe = Effect.fn("transcribe")(function* (session: Session, file: string) {
  const output = yield* Effect.acquireRelease(
    Effect.sync(() => Fs.openSync(file, "w", 0o600)),
    (output) => Effect.sync(() => Fs.closeSync(output))
  )
  const write = (text: string) => Effect.sync(() => void Fs.writeSync(output, text))

  // `changes` begins with the rows that left the screen before, and ends with the session.
  yield* Stream.runForEach(session.history.changes(), (event) => {
    switch (event._tag) {
      case "Row":
        return write(textOf(event.row))
      case "Missing":
        return write(`[${event.count} lines were printed too fast]\n`)
      case "Cleared":
        return Effect.void
    }
  })
  const rows = session.frame().rows.map(textOf)
  yield* write(rows.join("").trimEnd() + "\n")
})

/** The text of a row, with a line end unless the next row continues the line. */
const textOf = (row: Row.Row): string => {
  if (!row.wraps) return `${Row.line(row)}\n`
  let blanks = 0
  while (Row.isBlank(row, Row.columns(row) - 1 - blanks)) blanks++
  return Row.line(row) + " ".repeat(blanks)
}

if (import.meta.main) {
  const program = Effect.gen(function* () {
    const { session } = yield* serveShell([])
    yield* transcribe(session, process.argv[2] ?? "transcript.txt")
  })
  NodeRuntime.runMain(program.pipe(Effect.scoped, Effect.provide(NodeMoshServer.layer)))
}
