/**
 * Writes the verbose log of a session, if the user requested one.
 */
import * as Effect from "effect/Effect"
import * as VerboseLog from "../../domain/client/VerboseLog.ts"
import * as Actor from "../../services/runtime/Actor.ts"
import type { ClientSession } from "../../services/client/MoshClient.ts"
import type { Verbose } from "../shared/verbose.ts"

export interface Chronicle {
  readonly log: (event: VerboseLog.Event) => void
  /** The session's status may have changed. */
  readonly statusChanged: (session: ClientSession) => void
  readonly ended: (session: ClientSession, how: string) => void
}

/** With `undefined`, nothing is written, at no cost. */
export const make = Effect.fnUntraced(function* (verbose: Verbose | undefined): Effect.fn.Return<Chronicle> {
  if (verbose === undefined) return { log: nothing, statusChanged: nothing, ended: nothing }
  const now = yield* Actor.millis
  let journal = VerboseLog.initial(now())
  const log = (event: VerboseLog.Event): void => {
    const [next, lines] = VerboseLog.step(journal, event, now())
    journal = next
    lines.forEach(verbose.print)
  }
  return {
    log,
    statusChanged: (session) => log({ _tag: "StatusChanged", facts: facts(session) }),
    ended: (session, how) => log({ _tag: "Ended", facts: facts(session), how })
  }
})

const nothing = (): void => undefined

const facts = (session: ClientSession): VerboseLog.Facts => {
  const status = session.status()
  return {
    server: status.peer ?? "",
    lastHeard: status.lastHeard,
    roundTrip: status.srtt,
    timeout: status.rto,
    pace: status.sendInterval,
    loss: status.link.lossIn,
    trouble: status.trouble?.text,
    isEffectMosh: status.peerFeatures !== 0,
    screens: session.screenCount(),
    predicted: session.predicted(),
    counters: status.counters
  }
}
