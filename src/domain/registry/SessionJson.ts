/**
 * The list of sessions as JSON, for scripts. The fields and their meaning are stable: new ones may be added.
 */
import type { Millis } from "../Machine.ts"
import * as ClientState from "./ClientState.ts"
import type { Listed } from "./SessionRecord.ts"
import { sorted } from "./SessionTable.ts"

/** One session. What is not known is `null`. */
export interface SessionObject {
  /** Its ID: the id of its process. */
  readonly id: number
  /** Its name; `null` if it has none. */
  readonly name: string | null
  /** `unknown`: a host without effect-mosh's `mosh-server`. */
  readonly server: "effect-mosh" | "stock" | "unknown"
  /** Whether it answered. If not, only its ID, name and age are known. */
  readonly answers: boolean
  /** Seconds since its start. */
  readonly age: number | null
  /** Whether it has a client; `none`: no client has connected yet. */
  readonly client: "attached" | "detached" | "none" | null
  /** Seconds for which it has been attached, or detached. */
  readonly since: number | null
  /** The numeric address of its client, or of the last one. */
  readonly address: string | null
  /** The command line of the foreground program. */
  readonly program: string | null
  /** The working directory of that program; `~` is the user's home. */
  readonly directory: string | null
  /** The window title. */
  readonly title: string | null
}

/** The sessions, oldest first, as one line: an array of `SessionObject`. No character of it controls a terminal. */
export const format = (sessions: ReadonlyArray<Listed>): string =>
  escape(JSON.stringify(sorted(sessions).map(toObject)))

const toObject = ({ age, details, pid }: Listed): SessionObject => {
  const unknown: SessionObject = {
    id: pid,
    name: null,
    server: details._tag === "Stock" ? "stock" : details._tag === "Unknown" ? "unknown" : "effect-mosh",
    answers: false,
    age: seconds(age),
    client: null,
    since: null,
    address: null,
    program: null,
    directory: null,
    title: null
  }
  if (details._tag === "Silent") return { ...unknown, name: details.name ?? null }
  if (details._tag !== "Told") return unknown
  const { told } = details
  const state = ClientState.of(told)
  return {
    ...unknown,
    name: told.name ?? null,
    answers: true,
    client: STATES[state._tag],
    since: state._tag === "None" ? null : seconds(state.age),
    address: told.contact === null || told.contact.from === "" ? null : told.contact.from,
    program: told.foreground ?? told.program,
    directory: told.directory ?? null,
    title: told.title ?? null
  }
}

const STATES = { None: "none", Attached: "attached", Detached: "detached" } as const

const seconds = (age: Millis | null): number | null => (age === null ? null : Math.floor(age / 1000))

/** JSON itself escapes the control characters below U+0020, and lone surrogates. */
const escape = (json: string): string =>
  json.replace(
    /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`
  )
