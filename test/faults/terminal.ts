/**
 * Deliberate mistakes in what passes between programs and the client's terminal: synchronized updates, keyboard modes, answers.
 */
import type { Fault } from "./Fault.ts"

export const terminalFaults: ReadonlyArray<Fault> = [
  {
    name: "update-for-ever",
    what: "holds the screen of a program that hangs within a synchronized update",
    file: "domain/terminal/SynchronizedUpdate.ts",
    original: "(isHeld ? since + LIMIT : Infinity)",
    mistaken: "(isHeld ? since + 3 * LIMIT : Infinity)",
    caughtBy: ["test/domain/terminal/SynchronizedUpdate.test.ts"]
  },
  {
    name: "update-torn",
    what: "shows rows from within a synchronized update",
    file: "services/node/xterm/XtermEmulator.ts",
    original: "firstDirty = Math.min(firstDirty, handler._dirtyRowTracker.start)",
    mistaken: "",
    caughtBy: ["test/services/node/xterm/SynchronizedUpdates.test.ts"]
  },
  {
    name: "margin-wrap",
    what: "continues a line that wraps at the right margin at the first column",
    file: "services/node/xterm/margins/MarginText.ts",
    original: "handler._activeBuffer.x = margins.left()",
    mistaken: "handler._activeBuffer.x = 0",
    caughtBy: ["test/services/node/xterm/margins/Margins.test.ts"]
  },
  {
    name: "margin-scroll",
    what: "scrolls whole rows where only a part is within the margins",
    file: "services/node/xterm/margins/Margins.ts",
    original: "return { top: scrollTop, left, bottom: scrollBottom, right: right() }",
    mistaken: "return { top: scrollTop, left: 0, bottom: scrollBottom, right: core.cols - 1 }",
    caughtBy: ["test/services/node/xterm/margins/Margins.test.ts"]
  },
  {
    name: "rectangle-overlap",
    what: "copies a rectangle over itself from the wrong end",
    file: "services/node/xterm/rectangles/CellBlocks.ts",
    original: "const isDown = target.top > source.top",
    mistaken: "const isDown = target.top < source.top",
    caughtBy: ["test/services/node/xterm/rectangles/Rectangles.test.ts"]
  },
  {
    name: "kitty-hidden",
    what: "leaves keyboard flags on the screen that is hidden",
    file: "domain/client/terminal/LocalModes.ts",
    original: "`${KeyboardModes.kittySequence(0)}$&${KeyboardModes.kittySequence(flags)}`",
    mistaken: "`$&${KeyboardModes.kittySequence(flags)}`",
    caughtBy: ["test/domain/client/terminal/LocalModes.test.ts"]
  },
  {
    name: "kitty-stock",
    what: "sends keyboard modes to a peer that has not announced them",
    file: "domain/objects/Screen.ts",
    original: "return (peer & Features.terminal) === 0 ? { ...known, keyboard: false } : known",
    mistaken: "return known",
    caughtBy: ["test/domain/objects/Screen.test.ts"]
  },
  {
    name: "probe-eats-keys",
    what: "takes typed keys for answers of the terminal",
    file: "domain/client/terminal/TerminalProbe.ts",
    original: "const expected = until !== undefined ? ANSWERS : watches ? CHANGES : undefined",
    mistaken: "const expected: typeof ANSWERS | undefined = ANSWERS",
    caughtBy: ["test/domain/client/terminal/TerminalProbe.test.ts"]
  },
  {
    name: "reply-order",
    what: "passes a later reply on before one that waits",
    file: "services/node/xterm/replies/ReplyQueue.ts",
    original: "(waiting.length > 0 ? wait(text) : pass(text))",
    mistaken: "pass(text)",
    caughtBy: ["test/services/node/xterm/replies/TerminalQueries.test.ts"]
  },
  {
    name: "report-older",
    what: "replaces the report of a terminal by an older one",
    file: "services/server/TerminalReports.ts",
    original: "message.number > newest",
    mistaken: "message.number > 0",
    caughtBy: ["test/services/server/TerminalReports.test.ts"]
  },
  {
    name: "release-is-key",
    what: "predicts a released key as a pressed one",
    file: "domain/keyboard/KeyEncoding.ts",
    original: 'if (event === RELEASE) return ""\n    return rest',
    mistaken: "return rest",
    caughtBy: ["test/domain/keyboard/KeyEncoding.test.ts"]
  },
  {
    name: "enter-encoded",
    what: "keeps a report of who echoes after an Enter of a newer protocol",
    file: "domain/session/EchoSampling.ts",
    original: "||\n  isEncoded(bytes)",
    mistaken: "",
    caughtBy: ["test/domain/session/EchoSampling.test.ts"]
  },
  {
    name: "text-half-left",
    what: "leaves half of a wide character beside text",
    file: "services/node/xterm/Text.ts",
    original: ">>> WIDTH_SHIFT === 0) return false",
    mistaken: ">>> WIDTH_SHIFT === 3) return false",
    caughtBy: ["test/services/node/xterm/Text.test.ts"]
  },
  {
    name: "widths-stock",
    what: "sends cells with an explicit width to a peer that does not understand them",
    file: "domain/objects/Screen.ts",
    original: "(peer & Features.widths) === 0 ? ClusterLayout.fit(PLAIN, frame) : frame",
    mistaken: "frame",
    caughtBy: ["test/domain/terminal/ClusterLayout.test.ts"]
  },
  {
    name: "widths-all-clients",
    what: "lays out text for the terminal of the client that reported last",
    file: "domain/terminal/ClusterRules.ts",
    original: "rules = (rules ?? MASK) & terminal",
    mistaken: "rules = terminal",
    caughtBy: ["test/domain/terminal/ClusterLayout.test.ts"]
  },
  {
    name: "widths-moved",
    what: "takes the cursor for moved after a cluster has become wide",
    file: "services/node/xterm/Text.ts",
    original: "column = ++buffer.x",
    mistaken: "++buffer.x",
    caughtBy: ["test/services/node/xterm/clusters.test.ts"]
  }
]
