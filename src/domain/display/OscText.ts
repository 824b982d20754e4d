/**
 * Text for OSC strings, of bounded length, that can neither end the string early nor start another control.
 */
import type { Hyperlink } from "../terminal/Rendition.ts"

/** A stock peer uses the first 256 characters of an OSC for a title, its number and semicolon among them (spec 8.5). */
const TITLE_LIMIT = 256 - "0;".length

/** The longest hyperlink, parameters and target together. Common terminals accept as much; browsers accept less. */
const LINK_LIMIT = 4096

/**
 * A copy that shares no memory with the string that `text` was cut from. V8 makes `slice` of 13 characters or more a
 * reference to the whole string, so that a title could keep a host string of 4 MiB alive. The copy is cut from a string
 * one character longer.
 */
export const copy = (text: string): string => ` ${text}`.slice(1)

const CONTROLS = /[\x00-\x1f\x7f-\x9f]/g

/** Text without control characters and lone surrogates, cut to a number of characters. */
export const bounded = (text: string, limit: number): string => {
  const clean = (text.length > 4 * limit ? text.slice(0, 4 * limit) : text).toWellFormed().replace(CONTROLS, "")
  if (clean.length <= limit) return copy(clean)
  return [...clean].slice(0, limit).join("")
}

/** A title without control characters and lone surrogates, cut to what a receiver keeps. */
export const title = (text: string): string => bounded(text, TITLE_LIMIT)

/** Whether a text has neither control characters nor lone surrogates. */
export const isClean = (text: string): boolean => text.search(CONTROLS) < 0 && text.isWellFormed()

/**
 * Whether a clipboard text is base64. Any other text is never forwarded: it might be a query, whose answer the program
 * would read as typed text.
 */
export const isBase64 = (text: string): boolean => /^[A-Za-z0-9+/]*={0,2}$/.test(text)

/** Whether a hyperlink is printable ASCII and not too long. Others are ignored. */
export const isLink = (link: Hyperlink): boolean =>
  link.params.length + link.uri.length <= LINK_LIMIT &&
  /^[\x20-\x3a\x3c-\x7e]*$/.test(link.params) &&
  /^[\x20-\x7e]+$/.test(link.uri)
