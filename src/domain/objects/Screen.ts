/**
 * The object that the server sends: the frame on the screen, and the newest client state whose effect it shows (spec 7.2).
 */
import * as Result from "effect/Result"
import * as Capabilities from "../display/Capabilities.ts"
import * as Effort from "../display/Effort.ts"
import * as FrameDiff from "../display/FrameDiff.ts"
import * as FramePatch from "../display/FramePatch.ts"
import { HostInterpreter } from "../display/HostInterpreter.ts"
import * as ClusterLayout from "../terminal/ClusterLayout.ts"
import * as ClusterRules from "../terminal/ClusterRules.ts"
import * as Frame from "../terminal/Frame.ts"
import * as KeyboardModes from "../keyboard/KeyboardModes.ts"
import * as Modes from "../terminal/Modes.ts"
import * as FrameWeight from "../terminal/FrameWeight.ts"
import * as ScreenPosition from "../history/ScreenPosition.ts"
import * as EchoReport from "../wire/EchoReport.ts"
import * as HostMessage from "../wire/HostMessage.ts"
import * as SessionEnding from "../wire/SessionEnding.ts"
import { Features, type SyncObject } from "../ssp/SyncObject.ts"
import type { StateNumber } from "../wire/Numbers.ts"

export interface Screen {
  readonly frame: Frame.Frame
  /** The newest client state whose effect shows in `frame`. Never decreases. */
  readonly echoAck: StateNumber
  /** How the session ended; absent until it did, and from stock servers. */
  readonly ending?: SessionEnding.SessionEnding | undefined
  /**
   * Where `frame` is in the history of its screen; absent from stock servers and from servers that keep no history. Once
   * present, it stays so. Peers without `Features.history` do not receive it.
   */
  readonly position?: ScreenPosition.ScreenPosition | undefined
  /**
   * Who echoes input; absent from stock servers and from servers that cannot determine it. Once present, it stays so. Peers
   * without `Features.echo` do not receive it.
   */
  readonly echo?: EchoReport.EchoReport | undefined
}

/** State number 0: a blank screen. Each end uses its own initial size; the first difference contains the server's. */
export const blank = (size: Frame.Size): Screen => ({ frame: Frame.blank(size), echoAck: 0n })

/**
 * The part of a screen that a peer with these features receives. Screens that differ only in what the peer does not receive
 * become equal, so that nothing is sent for the difference.
 */
export const visible = (screen: Screen, peer: Features): Screen => {
  const frame = visibleFrame(screen.frame, peer)
  const position = (peer & Features.history) !== 0 ? screen.position : undefined
  const echo = (peer & Features.echo) !== 0 ? screen.echo : undefined
  // Usually our own peer receives all of it.
  if (position === screen.position && echo === screen.echo)
    return frame === screen.frame ? screen : { ...screen, frame }
  const { echoAck, ending } = screen
  return {
    frame,
    echoAck,
    ...(ending !== undefined && { ending }),
    ...(position !== undefined && { position }),
    ...(echo !== undefined && { echo })
  }
}

const visibleFrame = (frame: Frame.Frame, peer: Features): Frame.Frame => {
  const fitted = (peer & Features.widths) === 0 ? ClusterLayout.fit(PLAIN, frame) : frame
  const shown = (peer & Features.events) === 0 ? Frame.withoutEvents(fitted) : fitted
  return (peer & Features.terminal) === 0 ? withoutKeyboard(shown) : shown
}

/** The rows as peers without widths receive them, which are the same for all. */
const PLAIN = ClusterLayout.fitting(ClusterRules.NONE)

const withoutKeyboard = (frame: Frame.Frame): Frame.Frame => {
  const modes = Modes.withKeyboard(frame.modes, KeyboardModes.DEFAULT)
  return modes === frame.modes ? frame : { ...frame, modes }
}

const diff = (base: Screen, target: Screen, peer: Features): Uint8Array => {
  const events: Array<HostMessage.HostEvent> = []
  if (target.echoAck !== base.echoAck) events.push({ _tag: "EchoAck", number: target.echoAck })
  if (target.frame !== base.frame) {
    const { size } = target.frame
    if (!Frame.sizeEquals(size, base.frame.size)) events.push({ _tag: "Resize", size })
    const host = FrameDiff.diff(base.frame, target.frame, capabilitiesOf(peer))
    if (host !== "") events.push({ _tag: "HostBytes", host })
  }
  const { echo, ending, position } = visible(target, peer)
  if (ending !== undefined && (peer & Features.endings) !== 0 && !SessionEnding.equals(ending, base.ending))
    events.push({ _tag: "Ending", ending })
  if (position !== undefined && !ScreenPosition.equals(position, base.position))
    events.push({ _tag: "Position", position })
  if (echo !== undefined && !EchoReport.equals(echo, base.echo)) events.push({ _tag: "Echo", report: echo })
  return HostMessage.encode(events)
}

const capabilitiesOf = (peer: Features): Capabilities.Capabilities => {
  if ((peer & Features.frames) === 0) return Capabilities.stock
  const { full, withoutCopies, withoutEvents } = Capabilities
  const known = (peer & Features.copies) === 0 ? withoutCopies : (peer & Features.events) === 0 ? withoutEvents : full
  return (peer & Features.terminal) === 0 ? { ...known, keyboard: false } : known
}

const patch = (base: Screen, diff: Uint8Array): Result.Result<Screen, string> => {
  const events = HostMessage.decode(diff)
  if (Result.isFailure(events)) return Result.fail(events.failure)
  let { echo, echoAck, ending, frame, position } = base
  const effort = Effort.none()
  for (const event of events.success) {
    switch (event._tag) {
      case "HostBytes":
        frame = new HostInterpreter(frame, effort).run(event.host)
        break
      case "Resize":
        effort.spent += Effort.RESIZED_CELL * event.size.columns * event.size.rows
        if (effort.spent > Effort.limit(event.size)) return Result.fail("more sizes than one difference may have")
        frame = FramePatch.resize(frame, event.size)
        break
      case "EchoAck":
        if (event.number < echoAck) return Result.fail("an echo ack that goes back")
        echoAck = event.number
        break
      case "Ending":
        ending = event.ending
        break
      case "Position":
        if (!ScreenPosition.follows(position, event.position)) return Result.fail("a position that goes back")
        position = event.position
        break
      case "Echo":
        if (!EchoReport.follows(echo, event.report)) return Result.fail("an echo report that goes back")
        echo = event.report
        break
    }
  }
  return Result.succeed({
    frame,
    echoAck,
    ...(ending !== undefined && { ending }),
    ...(position !== undefined && { position }),
    ...(echo !== undefined && { echo })
  })
}

export const object: SyncObject<Screen> = {
  equals: (a, b) =>
    a.echoAck === b.echoAck &&
    SessionEnding.equals(a.ending, b.ending) &&
    ScreenPosition.equals(a.position, b.position) &&
    EchoReport.equals(a.echo, b.echo) &&
    Frame.equals(a.frame, b.frame),
  diff,
  patch,
  subtract: (screen) => screen,
  // The user waits for rows that left the screen, even if equal ones took their place; and at a prompt, the user's first key
  // waits for the report.
  isMinor: (base, target) =>
    target.ending === base.ending &&
    ScreenPosition.equals(target.position, base.position) &&
    (EchoReport.equals(target.echo, base.echo) || EchoReport.isMinor(target.echo)) &&
    Frame.equals(base.frame, target.frame),
  weight: ({ frame }) => FrameWeight.of(frame)
}
