/**
 * Queries that only the client's terminal can answer. Replies come from its report (`TerminalReport`); what it did not report
 * has no reply.
 *
 * | query                               | reply                                                            |
 * | ----------------------------------- | ---------------------------------------------------------------- |
 * | `CSI ? u`                           | the kitty keyboard flags, if the terminal supports the protocol  |
 * | `CSI > q`                           | its name and version (XTVERSION)                                 |
 * | OSC 4, 10, 11, 12, 17, 19 with `?`  | its colours                                                      |
 * | `CSI ? 996 n`                       | whether these are dark or light                                  |
 * | `CSI ? 1016 $ p`                    | whether the mouse reports pixels; 0 if the terminal cannot       |
 * | `CSI 14 t`, `CSI 16 t`              | the size of the screen and of a cell in pixels                   |
 * | `DCS + q`                           | the capabilities that we have; others are invalid (XTGETTCAP)   |
 */
import * as ColorSpecification from "../../../../domain/terminal/ColorSpecification.ts"
import type { Modes } from "../../../../domain/terminal/Modes.ts"
import * as MouseRequests from "../../../../domain/terminal/MouseRequests.ts"
import { CAPABILITIES } from "../../../../domain/terminal/TerminalCapabilities.ts"
import * as TerminalReport from "../../../../domain/terminal/TerminalReport.ts"
import type { Core, OscHandler, Params } from "../Internals.ts"
import { bounded } from "../Limits.ts"
import type { TerminalKnowledge } from "../../../server/Emulator.ts"
import type { ReplyQueue } from "./ReplyQueue.ts"

/** What the queries need to know of the emulator. */
export interface Facts {
  readonly kittyFlags: () => number
  /** A colour that a program has set, as it wrote it; `undefined` if it is the terminal's own. */
  readonly programColor: (number: number) => string | undefined
  readonly modes: () => Modes
}

/** The client's terminal, as one emulator knows it. */
export interface Queries {
  /** What is known of it. A program with mode 2031 learns whether its colours are dark or light when that changes. */
  readonly know: (knowledge: TerminalKnowledge) => void
}

/** Maximum length of a query with names or numbers, characters. */
const MAX_QUERY = 1024
/** Maximum number of colours or names in one query. */
const MAX_PARTS = 32

const CELL_PIXELS = 16
const SCREEN_PIXELS = 14
const COLOR_SCHEME = 996
const WATCH_COLORS = 2031
const PIXEL_MOUSE = 1016
/** The values of a mode in DECRPM. */
const SET = 1
const RESET = 2
const UNKNOWN = 0

export const install = (core: Core, queue: ReplyQueue, facts: Facts): Queries => {
  const handler = core._inputHandler
  const parser = handler._parser

  parser.registerCsiHandler({ prefix: "?", final: "u" }, () => {
    const flags = facts.kittyFlags()
    queue.query(({ kittyKeyboard }) => (kittyKeyboard ? `\x1b[?${flags}u` : ""))
    return true
  })
  parser.registerCsiHandler({ prefix: ">", final: "q" }, (params) => {
    if (params.params[0] === 0) queue.query(({ name }) => (name === "" ? "" : `\x1bP>|${name}\x1b\\`))
    return true
  })

  const color = (prefix: string, number: number, terminator: string) => {
    const set = facts.programColor(number)
    queue.query((report) => {
      // A name that only the terminal knows has no reply: its own colour would be a wrong one.
      const value = set === undefined ? colorOf(report, number) : ColorSpecification.parse(set)
      return value === undefined ? "" : `\x1b]${prefix};${ColorSpecification.format(value)}${terminator}`
    })
  }
  parser.registerOscHandler(
    4,
    parts((texts, terminator) => {
      for (let i = 0; i + 1 < texts.length; i += 2) {
        const number = Number(texts[i])
        const isIndex = /^\d{1,3}$/.test(texts[i] ?? "") && number < TerminalReport.DYNAMIC
        if (isIndex && texts[i + 1] === "?") color(`4;${number}`, number, terminator)
      }
    })
  )
  for (const first of TerminalReport.DYNAMIC_COLORS) {
    parser.registerOscHandler(
      first,
      // Each further part is for the next number.
      parts((texts, terminator) =>
        texts.forEach((text, i) => {
          const number = first + i
          const isKnown = TerminalReport.DYNAMIC_COLORS.includes(number)
          if (text === "?" && isKnown) color(`${number}`, TerminalReport.DYNAMIC + number, terminator)
        })
      )
    )
  }

  const deviceStatusPrivate = handler.deviceStatusPrivate.bind(handler)
  handler.deviceStatusPrivate = (params) => {
    if (params.params[0] !== COLOR_SCHEME) return deviceStatusPrivate(params)
    queue.query(schemeReport)
    return true
  }

  const windowOptions = handler.windowOptions.bind(handler)
  handler.windowOptions = (params) => {
    const [what] = params.params
    if (what !== CELL_PIXELS && what !== SCREEN_PIXELS) return windowOptions(params)
    const { cols, rows } = core
    queue.query(({ cell }) => {
      if (cell === undefined) return ""
      return what === CELL_PIXELS
        ? `\x1b[6;${cell.height};${cell.width}t`
        : `\x1b[4;${cell.height * rows};${cell.width * cols}t`
    })
    return true
  }

  const names = parts((texts) => {
    for (const name of texts) {
      if (!/^([\da-fA-F]{2}){1,32}$/.test(name)) continue
      queue.query((report) => (report.name === "" ? "" : capability(name)))
    }
  })
  parser.registerDcsHandler(
    { intermediates: "+", final: "q" },
    {
      hook: (_: Params) => names.start(),
      put: (data, start, end) => names.put(data, start, end),
      unhook: (success) => {
        names.end(success)
        return true
      }
    }
  )

  let isWatched = false
  const watching = (sequence: (params: Params) => boolean, on: boolean) => (params: Params) => {
    if (params.params.subarray(0, params.length).includes(WATCH_COLORS)) isWatched = on
    return sequence(params)
  }
  handler.setModePrivate = watching(handler.setModePrivate.bind(handler), true)
  handler.resetModePrivate = watching(handler.resetModePrivate.bind(handler), false)
  const requestMode = handler.requestMode.bind(handler)
  handler.requestMode = (params, ansi) => {
    const [mode] = params.params
    if (!ansi && mode === PIXEL_MOUSE) {
      const value = MouseRequests.on(facts.modes().mouseEncoding).includes(PIXEL_MOUSE) ? SET : RESET
      // If the reply names the mode as known, the program expects pixels; a terminal without the mode reports cells.
      queue.query(({ pixelMouse }) => `\x1b[?${PIXEL_MOUSE};${pixelMouse ? value : UNKNOWN}$y`)
      return true
    }
    if (ansi || mode !== WATCH_COLORS) return requestMode(params, ansi)
    const value = isWatched ? SET : RESET
    queue.query((report) => (schemeReport(report) === "" ? "" : `\x1b[?${WATCH_COLORS};${value}$y`))
    return true
  }
  const ended =
    <A extends ReadonlyArray<unknown>>(reset: (...args: A) => boolean) =>
    (...args: A) => {
      isWatched = false
      return reset(...args)
    }
  handler.softReset = ended(handler.softReset.bind(handler))
  handler.fullReset = ended(handler.fullReset.bind(handler))

  let scheme = ""
  return {
    know: (knowledge) => {
      queue.know(knowledge)
      if (typeof knowledge === "string") return
      const before = scheme
      scheme = schemeReport(knowledge)
      if (isWatched && scheme !== before && before !== "") queue.reply(scheme)
    }
  }
}

/** Whether the colours are dark or light, as a terminal with mode 2031 reports it; empty if that is unknown. */
export const schemeReport = (report: TerminalReport.TerminalReport): string => {
  const scheme = TerminalReport.schemeOf(report)
  return scheme === undefined ? "" : `\x1b[?997;${scheme === "dark" ? 1 : 2}n`
}

/** A handler of strings whose parts are separated by semicolons. Other handlers of the same number are called, too. */
const parts = (onEnd: (texts: ReadonlyArray<string>, terminator: string) => void): OscHandler =>
  bounded(MAX_QUERY, (text, { terminator }) => onEnd(text.split(";", MAX_PARTS), terminator), { claims: false })

/** A reported colour. Beyond the first 16, where terminals agree, the palette is not asked for. */
const colorOf = ({ colors }: TerminalReport.TerminalReport, number: number): number | undefined => {
  const reported = colors.get(number)
  if (reported !== undefined || number < TerminalReport.PALETTE_COLORS || number >= TerminalReport.DYNAMIC)
    return reported
  if (!colors.has(0)) return undefined
  if (number >= FIRST_GRAY) return (8 + 10 * (number - FIRST_GRAY)) * 0x010101
  const place = number - TerminalReport.PALETTE_COLORS
  const level = (step: number) => (step === 0 ? 0 : 55 + 40 * step)
  return (level(Math.floor(place / 36)) << 16) | (level(Math.floor(place / 6) % 6) << 8) | level(place % 6)
}

const FIRST_GRAY = 232

/** The reply to a name in hexadecimal. */
const capability = (name: string): string => {
  const text = Buffer.from(name, "hex").toString("latin1")
  const value = CAPABILITIES.get(text)
  if (value === undefined) return `\x1bP0+r${name}\x1b\\`
  return `\x1bP1+r${name}${value === true ? "" : `=${Buffer.from(value).toString("hex")}`}\x1b\\`
}
