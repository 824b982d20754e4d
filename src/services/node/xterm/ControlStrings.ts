/**
 * Handles the OSC strings that programs send: titles (0, 1, 2, and saved titles), the clipboard (52) and hyperlinks
 * (8). The memory that they take is bounded.
 */
import * as OscText from "../../../domain/display/OscText.ts"
import * as FrameWeight from "../../../domain/terminal/FrameWeight.ts"
import type { Hyperlink } from "../../../domain/terminal/Rendition.ts"
import type { Buffer, Core } from "./Internals.ts"
import { bounded } from "./Limits.ts"
import * as TitleStack from "./TitleStack.ts"

/** Maximum length of a title, code points: stock keeps 256 of the whole string, prefix included (spec 8.5). */
const MAX_TITLE = 256 - "0;".length
const MAX_TITLE_STRING = 16384
/** Maximum size of one selection, base64 characters. A longer one is ignored, because half a text is useless. */
const MAX_CLIPBOARD = 100_000
const MAX_SELECTIONS = 16
const MAX_LINK_PARAMS = 256
const MAX_LINK_URI = 2083
/** Number of hyperlinks at which those that no cell shows are removed. */
const LINKS_BEFORE_SWEEP = 1024
/** Bytes that all hyperlinks of a screen may hold: less than a client takes. What is linked beyond that has no link. */
const LINKS_BYTES = 16 * 1024 * 1024

const CLIPBOARD = /^([cpqs0-7]*);(.*)$/s
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/

/** The values that programs have set by OSC strings. */
export interface Strings {
  readonly title: () => string | undefined
  readonly iconTitle: () => string | undefined
  readonly clipboard: () => ReadonlyMap<string, string>
  /** Number of times that each selection was set. */
  readonly copies: () => ReadonlyMap<string, number>
  /** The hyperlink with xterm's number `urlId`. */
  readonly link: (urlId: number) => Hyperlink | undefined
  /** Performs a full reset: titles and clipboard become empty (spec 8.5). */
  readonly reset: () => void
}

const NONE: ReadonlyMap<string, string> = new Map()
const NO_COPIES: ReadonlyMap<string, number> = new Map()

export const install = (core: Core): Strings => {
  const parser = core._inputHandler._parser
  let title: string | undefined
  let iconTitle: string | undefined
  let clipboard = NONE
  let copies = NO_COPIES
  const links = linkTable(core)
  const savedTitles = TitleStack.install(
    core,
    { get: () => title, set: (saved) => (title = saved) },
    { get: () => iconTitle, set: (saved) => (iconTitle = saved) }
  )

  const handle = (identifier: number, limit: number, onText: (text: string) => void) => {
    parser.clearOscHandler(identifier)
    parser.registerOscHandler(identifier, bounded(limit, onText))
  }
  const cut = (text: string) =>
    Array.from(text.slice(0, 2 * MAX_TITLE))
      .slice(0, MAX_TITLE)
      .join("")
  handle(0, MAX_TITLE_STRING, (text) => {
    title = cut(text)
    iconTitle = title
  })
  handle(1, MAX_TITLE_STRING, (text) => {
    iconTitle = cut(text)
  })
  handle(2, MAX_TITLE_STRING, (text) => {
    title = cut(text)
  })
  handle(8, MAX_LINK_PARAMS + 1 + MAX_LINK_URI, (text) => {
    const end = text.indexOf(";")
    if (end >= 0) links.open(text.slice(0, end), text.slice(end + 1))
  })
  handle(52, MAX_SELECTIONS + 1 + MAX_CLIPBOARD, (text) => {
    const [, selections, content] = CLIPBOARD.exec(text) ?? []
    if (selections === undefined || content === undefined || content === "?") return
    const next = new Map(clipboard)
    const counted = new Map(copies)
    // As in xterm, a text that is not base64 clears the selection.
    const written = BASE64.test(content) ? content : ""
    for (const selection of new Set(selections === "" ? "c" : selections)) {
      next.set(selection, written)
      counted.set(selection, (counted.get(selection) ?? 0) + 1)
    }
    clipboard = next
    copies = counted
  })

  return {
    title: () => title,
    iconTitle: () => iconTitle,
    clipboard: () => clipboard,
    copies: () => copies,
    link: links.get,
    reset: () => {
      if (title !== undefined) title = ""
      savedTitles.clear()
      clipboard = NONE
    }
  }
}

/** Hyperlinks by number. It replaces xterm's table, which grows with every link that a program opens. */
const linkTable = (core: Core) => {
  const handler = core._inputHandler
  const byId = new Map<number, Hyperlink>()
  const ids = new Map<string, number>()
  let last = 0
  let sweepAt = LINKS_BEFORE_SWEEP
  /** Bytes that the links hold, and how many links found no room. */
  let held = 0
  let refused = 0

  const sweep = () => {
    const shown = new Set<number>([handler._curAttrData.extended.urlId])
    for (const buffer of [core.buffers.normal, core.buffers.alt]) collectLinks(buffer, shown)
    for (const [id, link] of byId) {
      if (shown.has(id)) continue
      held -= FrameWeight.link(link)
      byId.delete(id)
      ids.delete(`${link.params};${link.uri}`)
    }
    sweepAt = LINKS_BEFORE_SWEEP + 2 * byId.size
  }

  const idOf = (params: string, uri: string): number => {
    // A link that is never sent to a client is not stored either.
    if (!OscText.isLink({ params, uri })) return 0
    const key = `${params};${uri}`
    let id = ids.get(key)
    if (id === undefined) {
      const weight = FrameWeight.link({ params, uri })
      const hasRoom = () => held + weight <= LINKS_BYTES
      if (byId.size >= sweepAt || (!hasRoom() && refused++ % LINKS_BEFORE_SWEEP === 0)) sweep()
      if (!hasRoom()) return 0
      held += weight
      id = ++last
      ids.set(key, id)
      byId.set(id, { params, uri })
    }
    return id
  }

  return {
    get: (id: number) => byId.get(id),
    /** Links all text printed from now on; an empty URI ends the link. */
    open: (params: string, uri: string) => {
      const attributes = handler._curAttrData
      const extended = attributes.extended.clone()
      extended.urlId = idOf(params, uri)
      attributes.extended = extended
      attributes.updateExtended()
    }
  }
}

const collectLinks = (buffer: Buffer, into: Set<number>): void => {
  for (let y = 0; y < buffer.lines.length; y++) {
    const line = buffer.lines.get(y)
    if (line === undefined) continue
    for (const attributes of Object.values(line._extendedAttrs))
      if (attributes !== undefined) into.add(attributes.urlId)
  }
}
