/**
 * Deliberate mistakes in the history: which rows enter it, how they are sent, and what is refused.
 */
import type { Fault } from "./Fault.ts"

export const historyFaults: ReadonlyArray<Fault> = [
  {
    name: "history-alternate",
    what: "keeps rows of the alternate screen",
    file: "services/node/xterm/history/ScrolledRows.ts",
    original: "buffer.scrollTop === 0 && buffer === core.buffers.normal",
    mistaken: "buffer.scrollTop === 0",
    caughtBy: ["test/services/node/xterm/history/ScrolledRows.test.ts"]
  },
  {
    name: "history-region",
    what: "keeps rows of regions that begin below the top",
    file: "services/node/xterm/history/ScrolledRows.ts",
    original: "buffer.scrollTop === 0 && buffer === core.buffers.normal",
    mistaken: "buffer === core.buffers.normal",
    caughtBy: ["test/services/node/xterm/history/ScrolledRows.test.ts"]
  },
  {
    name: "history-resize",
    what: "loses a row when the screen becomes lower",
    file: "services/node/xterm/history/ScrolledRows.ts",
    original: "Math.max(0, buffer.y + 1 - rows)",
    mistaken: "Math.max(0, buffer.y - rows)",
    caughtBy: ["test/services/node/xterm/history/ScrolledRows.test.ts"]
  },
  {
    name: "history-erased-lost",
    what: "loses the screen that a program erases",
    file: "services/node/xterm/history/ScrolledRows.ts",
    original: "params.params[0] === 2) pushErased",
    mistaken: "params.params[0] === 4) pushErased",
    caughtBy: ["test/services/node/xterm/history/ScrolledRows.test.ts"]
  },
  {
    name: "history-erased-kept",
    what: "draws erased rows into the history of a terminal that drops them",
    file: "domain/display/scrollback/HistoryPush.ts",
    original: "!keeps.includes(entry.erasure)",
    mistaken: "keeps.includes(entry.erasure)",
    caughtBy: ["test/domain/display/scrollback/NativeScrollback.erasures.test.ts"]
  },
  {
    name: "history-erased-unannounced",
    what: "sends marks of erased rows to a client that does not understand them",
    file: "domain/history/HistoryPump.ts",
    original: "return erasures ? plain : Erasure.without(plain)",
    mistaken: "return plain",
    caughtBy: ["test/domain/history/HistoryPump.test.ts"]
  },
  {
    name: "history-uncleared",
    what: "keeps the history when the program erases it",
    file: "services/node/xterm/history/ScrolledRows.ts",
    original: "params.params[0] === 3",
    mistaken: "params.params[0] === 4",
    caughtBy: ["test/services/node/xterm/history/ScrolledRows.test.ts"]
  },
  {
    name: "history-reset-erased",
    what: "erases the history on a full reset although the client's terminal keeps it",
    file: "domain/environment/TerminalHistory.ts",
    original: 'name.startsWith("tmux ")',
    mistaken: 'name.startsWith("tmux-")',
    caughtBy: ["test/services/node/xterm/history/ScrolledRows.test.ts"]
  },
  {
    name: "history-long-cut",
    what: "cuts a line of more rows than the screen has",
    file: "domain/display/scrollback/HistoryInsertion.ts",
    original: "next: rows[from + length] ?? continuation",
    mistaken: "next: undefined",
    caughtBy: ["test/domain/display/scrollback/NativeScrollback.test.ts"]
  },
  {
    name: "history-plain-twice",
    what: "adds rows to the history again when lines that were taken without xterm are drawn",
    file: "services/node/xterm/history/ScrolledRows.ts",
    original: "isPaused = true",
    mistaken: "isPaused = false",
    caughtBy: ["test/services/node/xterm/history/PlainLines.test.ts"]
  },
  {
    name: "history-plain-lost",
    what: "loses a line that was taken without xterm when it leaves the screen",
    file: "services/node/xterm/history/PlainLines.ts",
    original: "if (lines.count < lines.rows) scrolled",
    mistaken: "if (lines.count <= lines.rows) scrolled",
    caughtBy: ["test/services/node/xterm/history/PlainLines.test.ts"]
  },
  {
    name: "history-plain-undrawn",
    what: "resizes the screen before lines that were taken without xterm are drawn",
    file: "services/node/xterm/XtermEmulator.ts",
    original: "plain.finish()\n      scrolled?.beforeResize",
    mistaken: "scrolled?.beforeResize",
    caughtBy: ["test/services/node/xterm/history/PlainLines.test.ts"]
  },
  {
    name: "history-plain-read",
    what: "takes the wrong row for the one that leaves after the screen was read",
    file: "services/node/xterm/history/PlainLines.ts",
    original: "lines.count - 1 - lines.drawn.count",
    mistaken: "lines.count - 1",
    caughtBy: ["test/services/node/xterm/history/PlainLines.test.ts"]
  },
  {
    name: "history-plain-stale",
    what: "leaves old text on the screen where all lines are new",
    file: "services/node/xterm/history/TakenLines.ts",
    original: "if (drawn.count > 0 || drawn.length > 0) {",
    mistaken: "if (drawn.count > 0 && drawn.length === 0) {",
    caughtBy: ["test/services/node/xterm/history/PlainLines.test.ts"]
  },
  {
    name: "history-plain-colour",
    what: "keeps bits of the colour before when a line that is taken without xterm takes another one",
    file: "services/node/xterm/history/SgrPen.ts",
    original: "const KEPT = ~(RGB | 0xff)",
    mistaken: "const KEPT = ~0xff",
    caughtBy: ["test/services/node/xterm/history/PlainLines.test.ts"]
  },
  {
    name: "history-plain-continued",
    what: "forgets that a line which was taken without xterm wraps",
    file: "services/node/xterm/history/TakenLines.ts",
    original: "columns, isContinued(lines, place), length",
    mistaken: "columns, false, length",
    caughtBy: ["test/services/node/xterm/history/PlainLines.test.ts"]
  },
  {
    name: "history-plain-background",
    what: "takes a line behind which the screen is filled with another background",
    file: "services/node/xterm/history/PlainLines.ts",
    original: "byte !== LF || !mayScroll(lines)",
    mistaken: "byte !== LF",
    caughtBy: ["test/services/node/xterm/history/PlainLines.test.ts"]
  },
  {
    name: "history-plain-split",
    what: "loses a sequence that is split between two outputs if xterm has to interpret it",
    file: "services/node/xterm/history/PlainLines.ts",
    original: "interpret(sequence)",
    mistaken: "sequence.fill(0)",
    caughtBy: ["test/services/node/xterm/history/PlainLines.test.ts"]
  },
  {
    name: "history-plain-wrapped",
    what: "takes a line that begins behind what the program has drawn in its row",
    file: "services/node/xterm/history/PlainLines.ts",
    original: "!line.isWrapped && isBlank(line._data)",
    mistaken: "!line.isWrapped",
    caughtBy: ["test/services/node/xterm/history/PlainLines.test.ts"]
  },
  {
    name: "history-unbounded",
    what: "keeps rows of any size",
    file: "domain/history/History.ts",
    original: "history.held > history.capacity * BYTES_PER_ROW + SPARE",
    mistaken: "history.held > Infinity",
    caughtBy: ["test/domain/history/History.test.ts"]
  },
  {
    name: "history-miscounted",
    what: "counts one missing row too few",
    file: "domain/history/HistoryReader.ts",
    original: "const count = first - reader.next",
    mistaken: "const count = first - reader.next - 1",
    caughtBy: ["test/domain/history/HistoryPump.test.ts"]
  },
  {
    name: "history-flood",
    what: "sends single rows of a flood",
    file: "domain/history/HistoryPump.ts",
    original: "if (grown > FLOOD * elapsed)",
    mistaken: "if (grown < 0)",
    caughtBy: ["test/domain/history/HistoryPump.test.ts"]
  },
  {
    name: "history-flood-begins",
    what: "sends the first rows of a flood that begins slowly",
    file: "domain/history/HistoryPump.ts",
    original: "if (grown > FEW && ",
    mistaken: "if (grown < 0 && ",
    caughtBy: ["test/domain/history/HistoryPump.test.ts"]
  },
  {
    name: "history-flood-pauses",
    what: "sends the whole ring in each pause of a flood",
    file: "domain/history/HistoryPump.ts",
    original: "Math.max(CALM, waiting / WORTH_SENDING)",
    mistaken: "CALM",
    caughtBy: ["test/domain/history/HistoryPump.test.ts"]
  },
  {
    name: "history-flood-at-rest",
    what: "takes what a busy machine prints in a long round for a flood",
    file: "domain/history/HistoryPump.ts",
    original: "Math.max(ROUND, now - pump.at)",
    mistaken: "ROUND",
    caughtBy: ["test/domain/history/HistoryPump.test.ts"]
  },
  {
    name: "history-control",
    what: "accepts control characters in a row",
    file: "domain/history/CompactRow.ts",
    original: 'if (width < 0) return "a character',
    mistaken: 'if (width < -1) return "a character',
    caughtBy: ["test/domain/history/CompactRow.test.ts"]
  },
  {
    name: "history-long-record",
    what: "waits for a record of any length",
    file: "domain/wire/streams/HistoryRecord.ts",
    original: "if (size > MAX_RECORD)",
    mistaken: "if (size > Infinity)",
    caughtBy: ["test/domain/wire/streams/HistoryRecord.test.ts"]
  },
  {
    name: "history-position-back",
    what: "accepts a position that decreases",
    file: "domain/objects/Screen.ts",
    original: "if (!ScreenPosition.follows(position, event.position))",
    mistaken: "if (!ScreenPosition.isValid(event.position))",
    caughtBy: ["test/domain/objects/Screen.test.ts"],
    test: "refuses positions that go back"
  },
  {
    name: "history-position-stock",
    what: "sends positions to peers that did not ask for them",
    file: "domain/objects/Screen.ts",
    original: "(peer & Features.history) !== 0",
    mistaken: "(peer & Features.history) !== -1",
    caughtBy: ["test/domain/objects/Screen.test.ts"],
    test: "sends its position in the history"
  },
  {
    name: "history-position-late",
    what: "publishes the first screen without its position",
    file: "services/server/SessionTransport.ts",
    original: "Screen.visible(screen, transport.peerFeatures())",
    mistaken: "Screen.visible(screen, transport.status().counters.sent > 0 ? transport.peerFeatures() : 0)",
    caughtBy: ["test/services/history/HistorySender.test.ts"]
  },
  {
    name: "history-return-unnoticed",
    what: "sends no rows that left the screen while the client was away",
    file: "services/server/SessionTransport.ts",
    original: "if (attached && !isAttached) {\n      rows?.changed()",
    mistaken: "if (attached && !isAttached) {",
    caughtBy: ["test/services/history/HistorySender.test.ts"],
    test: "arrive when a client returns"
  },
  {
    name: "history-unread",
    what: "ends the session before the client has read the rows that its host received",
    file: "services/history/HistorySender.ts",
    original: "while ((yield* stream.read()) !== undefined);",
    mistaken: "yield* stream.stopReading(0)\n    yield* stream.closed",
    caughtBy: ["test/services/history/HistorySender.test.ts"],
    test: "are all read before the session ends"
  },
  {
    name: "scrollback-twice",
    what: "pushes rows into the terminal's history again",
    file: "domain/display/scrollback/OwedRows.ts",
    original: "if (last <= end) continue",
    mistaken: "if (last < 0) continue",
    caughtBy: ["test/domain/display/scrollback/OwedRows.test.ts"]
  },
  {
    name: "scrollback-early",
    what: "pushes rows that are still on the screen",
    file: "domain/display/scrollback/OwedRows.ts",
    original: "if (entry.number >= top) break",
    mistaken: "if (entry.number > top) break",
    caughtBy: ["test/domain/display/scrollback/OwedRows.test.ts"]
  },
  {
    name: "scrollback-refusal",
    what: "reads a history that is far ahead of the screen",
    file: "services/history/ReceivedHistory.ts",
    original: "top() + MAX_AHEAD",
    mistaken: "top() + Infinity",
    caughtBy: ["test/services/history/ReceivedHistory.test.ts"]
  },
  {
    name: "history-unpositioned",
    what: "shows a session on the primary screen before the position of its rows is known",
    file: "domain/client/terminal/ScreenChoice.ts",
    original: "return input.hasPosition ? ",
    mistaken: "return input.keepsHistory ? ",
    caughtBy: ["test/domain/client/terminal/ScreenChoice.test.ts"]
  }
]
