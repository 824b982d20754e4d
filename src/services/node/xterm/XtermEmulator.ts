/**
 * `Emulator` implemented with `@xterm/headless`.
 *
 * xterm interprets the programs' output. The files beside this one replace the parts in which a mosh session's terminal
 * differs: text, colours, modes, replies, control strings, limits. `Reader` converts xterm's screen to rows.
 *
 * ```ts
 * import { Effect } from "effect"
 * import { Emulator, Frame } from "effect-mosh"
 * import { XtermEmulator } from "effect-mosh/node"
 *
 * export const bold = Effect.gen(function* () {
 *   const screen = yield* (yield* Emulator).make({ size: { columns: 20, rows: 2 }, onReply: () => undefined })
 *   screen.write(new TextEncoder().encode("\x1b[1mbold"))
 *   return Frame.lines(screen.frame()) // ["bold", ""]
 * }).pipe(Effect.scoped, Effect.provide(XtermEmulator.layer))
 * ```
 */
import { Terminal } from "@xterm/headless/lib-headless/xterm-headless.mjs"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { Frame, Size } from "../../../domain/terminal/Frame.ts"
import * as Modes from "../../../domain/terminal/Modes.ts"
import type { Row } from "../../../domain/terminal/Row.ts"
import { clampSize } from "../../../domain/terminal/ScreenSize.ts"
import { Emulator, type EmulatorOptions, type Screen } from "../../server/Emulator.ts"
import * as AlternateScreen from "./AlternateScreen.ts"
import * as Checksums from "./rectangles/Checksums.ts"
import * as ClusterMode from "./ClusterMode.ts"
import * as Colors from "./Colors.ts"
import * as ConformanceLevel from "./replies/ConformanceLevel.ts"
import { CutText } from "./CutText.ts"
import * as DeviceReports from "./replies/DeviceReports.ts"
import * as EmulatorModes from "./EmulatorModes.ts"
import * as Images from "./images/Images.ts"
import * as Internals from "./Internals.ts"
import * as KeyboardTracker from "./KeyboardTracker.ts"
import * as Limits from "./Limits.ts"
import * as LineWraps from "./LineWraps.ts"
import * as MarginEdits from "./margins/MarginEdits.ts"
import * as MarginMotions from "./margins/MarginMotions.ts"
import * as Margins from "./margins/Margins.ts"
import * as ModeTracker from "./Modes.ts"
import * as ProgramProperties from "./ProgramProperties.ts"
import * as PlainLines from "./history/PlainLines.ts"
import * as PromptMarks from "./PromptMarks.ts"
import * as Reader from "./Reader.ts"
import * as ProtectedText from "./rectangles/ProtectedText.ts"
import * as Rectangles from "./rectangles/Rectangles.ts"
import * as Replies from "./replies/Replies.ts"
import * as ReplyQueue from "./replies/ReplyQueue.ts"
import * as SavedModes from "./SavedModes.ts"
import * as ScrolledRows from "./history/ScrolledRows.ts"
import * as SharedMemory from "./SharedMemory.ts"
import * as ControlStrings from "./ControlStrings.ts"
import * as SynchronizedUpdates from "./SynchronizedUpdates.ts"
import * as TerminalQueries from "./replies/TerminalQueries.ts"
import * as Text from "./Text.ts"
import * as Utf8 from "./Utf8.ts"

/** Bytes parsed at a time: one less than the number of code points that xterm initially allocates. */
const CHUNK_BYTES = 4095

/** xterm's minimum width. A screen of one column shows the first of two. */
const MIN_COLUMNS = 2

/** Emulated screens by xterm. */
export const layer: Layer.Layer<Emulator> = Layer.succeed(Emulator, {
  make: (options) => Effect.sync(() => open(options))
})

const open = (options: EmulatorOptions): Screen => {
  let size = clampSize(options.size)
  const terminal = new Terminal({
    allowProposedApi: true,
    cols: Math.max(size.columns, MIN_COLUMNS),
    rows: size.rows,
    scrollback: 0,
    logLevel: "off",
    windowOptions: { getWinSizeChars: true },
    // With this option, on any platform, xterm neither re-wraps nor moves lines when the size changes.
    windowsPty: { backend: "winpty", buildNumber: 1 }
  })
  const core = Internals.open(terminal)
  const handler = core._inputHandler

  Limits.install(core)
  Colors.install(core)
  const strings = ControlStrings.install(core)
  const prompts = PromptMarks.install(core, options.history)
  const program = ProgramProperties.install(core)
  const tracker = ModeTracker.install(core, () => {
    strings.reset()
    prompts.reset()
    program.reset()
    images.reset()
    alternate.erase()
    emulatorModes.reset()
  })
  const isAlternate = (): boolean => handler._activeBuffer !== core.buffers.normal
  const alternate = AlternateScreen.install(core, isAlternate)
  const keyboard = KeyboardTracker.install(core, isAlternate)
  const emulatorModes = EmulatorModes.install(core)
  const { isSet } = emulatorModes
  const margins = Margins.install(core)
  MarginMotions.install(core, margins, isSet)
  Rectangles.install(core, margins, ProtectedText.install(core))
  Checksums.install(core, margins)
  const text = Text.install(terminal, core, margins, LineWraps.install(core))
  const utf8 = Utf8.make()
  handler._utf8Decoder = utf8
  SharedMemory.install(terminal, core)
  const reader = Reader.make(strings.link)
  Replies.install(core, {
    modes: tracker.modes,
    isSet,
    cursorShape: tracker.cursorShape,
    pen: () => reader.pen(handler._curAttrData),
    addressable: margins.addressable,
    showsImages: () => images.areShown()
  })
  DeviceReports.install(core)
  ConformanceLevel.install(core)
  SavedModes.install(core, { modes: tracker.modes, isSet, isAlternate })
  const replies = ReplyQueue.make((text) => options.onReply(Buffer.from(text, "latin1")))
  const queries = TerminalQueries.install(core, replies, {
    kittyFlags: () => keyboard.modes().kitty,
    programColor: (number) => program.properties().colors.get(number),
    modes: tracker.modes
  })
  const clusters = ClusterMode.install(core, replies, text.join)
  const images = Images.install(core, {
    margins,
    replies,
    parse: (bytes) => parseAll(bytes),
    onChange: () => {
      firstDirty = 0
      lastDirty = Number.POSITIVE_INFINITY
    }
  })
  const cutText = new CutText(core)
  const scrolled =
    options.history === undefined
      ? undefined
      : ScrolledRows.install(core, { history: options.history, reader, cutText, columns: () => size.columns })
  MarginEdits.install(core, margins)

  let bells = 0
  terminal.onBell(() => {
    bells++
  })
  terminal.onData(replies.reply)

  /** The range of rows that may differ from the last frame. */
  let firstDirty = 0
  let lastDirty = Number.POSITIVE_INFINITY
  handler.onRequestRefreshRows((rows) => {
    firstDirty = Math.min(firstDirty, rows?.start ?? 0)
    lastDirty = Math.max(lastDirty, rows?.end ?? Number.POSITIVE_INFINITY)
  })

  const parse = (bytes: Uint8Array) => {
    try {
      SharedMemory.withBuffer(core, () => handler.parse(bytes))
    } catch {
      // A defect of xterm loses the sequence, but not the session.
      handler._parser.reset()
      firstDirty = 0
      lastDirty = Number.POSITIVE_INFINITY
    }
  }

  const parseAll = (bytes: Uint8Array) => {
    for (let at = 0; at < bytes.length; at += CHUNK_BYTES) parse(bytes.subarray(at, at + CHUNK_BYTES))
  }

  const plain = PlainLines.install(core, {
    history: options.history,
    scrolled,
    columns: () => size.columns,
    isIdle: () => images.isIdle() && utf8.isIdle() && !margins.areNarrow,
    interpret: images.write,
    parse: parseAll
  })

  let modes = Modes.DEFAULT
  const modesOf = (others: Modes.Modes, keys: Modes.Modes["keyboard"]): Modes.Modes => {
    const now = Modes.withKeyboard(others, keys)
    if (!Modes.equals(now, modes)) modes = now
    return modes
  }

  let last: Frame | undefined
  let changed = true
  const frame = (): Frame => {
    if (last !== undefined && !changed) return last
    plain.draw()
    const buffer = handler._activeBuffer
    const rows: Array<Row> = last === undefined ? [] : last.rows.slice(0, size.rows)
    // A row wraps if the line below it is marked as its continuation.
    const end = Math.min(lastDirty, size.rows - 1)
    for (let y = Math.max(firstDirty - 1, 0); y <= end; y++) {
      const line = buffer.lines.get(buffer.ybase + y) as Internals.BufferLine
      const next = y + 1 < size.rows ? buffer.lines.get(buffer.ybase + y + 1) : undefined
      rows[y] = reader.row(line, size.columns, next?.isWrapped === true, rows[y])
    }
    firstDirty = Number.POSITIVE_INFINITY
    lastDirty = -1
    changed = false
    last = {
      size,
      rows,
      cursor: {
        row: buffer.y,
        column: Math.min(buffer.x, size.columns - 1),
        visible: !core.coreService.isCursorHidden,
        shape: tracker.cursorShape()
      },
      pen: reader.pen(handler._curAttrData),
      modes: modesOf(tracker.modes(), keyboard.modes()),
      title: strings.title(),
      iconTitle: strings.iconTitle(),
      bells,
      clipboard: strings.clipboard(),
      copies: strings.copies(),
      notifications: program.notifications(),
      marks: prompts.marks(),
      properties: program.properties()
    }
    return last
  }

  const updates = SynchronizedUpdates.install(core, () => {
    // xterm reports the rows that have changed only after it has parsed all bytes.
    firstDirty = Math.min(firstDirty, handler._dirtyRowTracker.start)
    lastDirty = Math.max(lastDirty, handler._dirtyRowTracker.end)
    changed = true
    const { history } = options
    const position = history && { top: history.end, first: history.erased, alternate: isAlternate() }
    const before = { frame: frame(), position }
    changed = true
    return before
  })

  SharedMemory.trimHandlers(core)
  SharedMemory.forgetParts(terminal, core)

  return {
    write: (bytes) => {
      changed = true
      updates.written()
      const taken = plain.write(bytes)
      if (taken < bytes.length) images.write(taken === 0 ? bytes : bytes.subarray(taken))
    },
    resize: (wanted) => {
      const next = clampSize(wanted)
      if (next.columns === size.columns && next.rows === size.rows) return
      plain.finish()
      scrolled?.beforeResize(next.rows)
      margins.clear()
      alternate.erase()
      const columns = Math.max(next.columns, MIN_COLUMNS)
      if (columns === core.cols) resize(terminal, core, next)
      else cutText.during(columns, () => resize(terminal, core, next))
      size = next
      changed = true
      firstDirty = 0
      lastDirty = Number.POSITIVE_INFINITY
    },
    frame,
    isAlternate,
    applicationCursorKeys: () => core.coreService.decPrivateModes.applicationCursorKeys,
    shell: prompts.shell,
    update: updates.open,
    know: (knowledge) => {
      if (typeof knowledge === "object") clusters.know(knowledge)
      queries.know(knowledge)
      images.know(knowledge)
      if (scrolled !== undefined) cutText.keep(knowledge !== "Unknown")
      scrolled?.know(knowledge)
    },
    join: (rules) => {
      plain.finish()
      clusters.join(rules)
    },
    images: images.store
  }
}

/**
 * Resizes a terminal. Surplus rows are removed below the cursor first, then at the top, so that the most recently
 * written lines stay visible (stock removes the bottom, a shell's prompt included). New rows are added at the bottom,
 * and cells are added and removed at the right. If the width changes, no line continues another any more, as in stock
 * (spec 8.5). `CutText` undoes this where it can.
 */
const resize = (terminal: Terminal, core: Internals.Core, size: Size): void => {
  const columns = Math.max(size.columns, MIN_COLUMNS)
  const widthChanged = columns !== core.cols
  terminal.resize(columns, size.rows)
  // In a buffer that is not shown, xterm reserves space for removed rows, which would later scroll them out of the
  // screen.
  const { alt } = core.buffers
  if (alt.lines.length === 0) alt.lines.maxLength = size.rows
  if (!widthChanged) return
  for (const buffer of [core.buffers.normal, core.buffers.alt]) {
    for (let y = 0; y < buffer.lines.length; y++) {
      const line = buffer.lines.get(y)
      line?.resize(columns, buffer.getNullCell())
      if (line !== undefined) line.isWrapped = false
    }
  }
}
