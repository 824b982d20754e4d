/**
 * Performs what the user types: sends input to the session, and obeys the escape key's commands.
 */
import * as Effect from "effect/Effect"
import type * as EscapeKey from "../../domain/client/EscapeKey.ts"
import * as Typing from "../../domain/client/Typing.ts"
import type { Millis } from "../../domain/Machine.ts"
import type { ClientSession } from "../../services/client/MoshClient.ts"
import type { Forwardings } from "./forwardings.ts"
import { BY_USER, type Leaving } from "./leaving.ts"
import type { Surface } from "./renderer.ts"

export interface KeyboardOptions {
  /** The key before commands to mosh; `undefined` if there is none. */
  readonly escapeKey: EscapeKey.EscapeKey | undefined
  /** Whether to send nothing that is typed. */
  readonly viewOnly: boolean
  readonly surface: Pick<Surface, "note" | "repaint">
  readonly leaving: Leaving
  readonly forwardings: Forwardings
  /** Stop and continue reading what is typed. */
  readonly pause: () => void
  readonly resume: () => void
  /** Stops the process, as Ctrl-Z stops others. */
  readonly suspend: () => void
}

export interface Keyboard {
  /** Processes typed bytes. Those from before `opened` are kept until then. */
  readonly typed: (bytes: Uint8Array) => void
  /** The session is open. */
  readonly opened: (session: ClientSession) => void
  /** How long ago the session was sent input, ms; `Infinity` if it was not. */
  readonly sinceInput: () => Millis
}

const CTRL_C = 0x03

export const make = Effect.fnUntraced(function* (options: KeyboardOptions): Effect.fn.Return<Keyboard> {
  const { forwardings, leaving, surface } = options
  const fork = Effect.runForkWith(yield* Effect.context<never>())
  const ahead: Array<Uint8Array> = []
  let session: ClientSession | undefined
  let typing = Typing.initial(options.escapeKey)
  let sentAt = -Infinity

  const send = (to: ClientSession, bytes: Uint8Array): void => {
    if ((leaving.isLeaving() || leaving.isDetaching()) && bytes.includes(CTRL_C)) return leaving.insist(BY_USER)
    if (leaving.isDetaching()) return
    if (options.viewOnly) {
      to.notify("You are watching: what you type is not sent.")
      return surface.note()
    }
    sentAt = performance.now()
    if (to.typeUnsafe(bytes)) return
    options.pause()
    fork(Effect.andThen(to.room, Effect.sync(options.resume)))
  }

  const perform = (to: ClientSession, action: Typing.Action): void => {
    switch (action._tag) {
      case "Send":
        return send(to, action.bytes)
      case "Repaint":
        return surface.repaint()
      case "ShowHelp":
        to.showHelp(true)
        return surface.note()
      case "HideHelp":
        return to.showHelp(false)
      case "ToggleStatus":
        to.toggleStatus()
        return surface.note()
      case "Suspend":
        return options.suspend()
      case "Detach":
        return leaving.detach(to)
      case "EditCommand":
        to.showPrompt(action.text)
        return surface.note()
      case "Command":
        return forwardings.obey(action.text)
      case "ListForwardings":
        return forwardings.list()
      case "Quit":
        return leaving.insist(BY_USER)
    }
  }

  const type = (to: ClientSession, bytes: Uint8Array): void => {
    const [next, actions] = Typing.step(typing, bytes)
    typing = next
    for (const action of actions) perform(to, action)
  }

  return {
    typed: (bytes) => {
      if (bytes.length === 0) return
      if (session === undefined) ahead.push(bytes)
      else type(session, bytes)
    },
    opened: (opened) => {
      session = opened
      for (const bytes of ahead.splice(0)) type(opened, bytes)
    },
    sinceInput: () => performance.now() - sentAt
  }
})
