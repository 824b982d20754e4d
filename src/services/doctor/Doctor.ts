/**
 * `mosh --doctor`: checks everything that a session needs, in the order in which a session needs it.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as ShellWords from "../../domain/arguments/ShellWords.ts"
import type { SessionRequest } from "../../domain/arguments/WrapperArguments.ts"
import type { Finding } from "../../domain/doctor/Finding.ts"
import * as HereFindings from "../../domain/doctor/HereFindings.ts"
import * as LinkFindings from "../../domain/doctor/LinkFindings.ts"
import * as SshFindings from "../../domain/doctor/SshFindings.ts"
import * as ThereFindings from "../../domain/doctor/ThereFindings.ts"
import * as Login from "./Login.ts"
import type { PathChoice } from "./PathChoice.ts"
import * as Session from "./Session.ts"
import type { MoshClient } from "../client/MoshClient.ts"
import { type Caller, DEFAULT_SERVER, type SshBootstrap } from "../bootstrap/SshBootstrap.ts"

export interface Examination {
  /** The session to check. */
  readonly request: SessionRequest
  readonly caller: Caller
  readonly here: HereFindings.Here
  /** How long ssh may take, s. */
  readonly patience: number
  /** Decides to which address the client of `MoshClient` sends. */
  readonly paths: PathChoice
  readonly openRelay: Session.OpenRelay
  /** Receives each finding as soon as it is known. */
  readonly report: (finding: Finding) => void
}

/** Returns all findings. A failure is a finding; checks that depend on it are skipped. Interruption ends started processes. */
export const examine = Effect.fn("Doctor.examine")(function* (
  examination: Examination
): Effect.fn.Return<ReadonlyArray<Finding>, never, SshBootstrap | MoshClient> {
  const { caller, here, openRelay, paths, patience, request } = examination
  const { place } = request
  const operand = place._tag === "Ssh" ? place.destination : "--local"
  const findings: Array<Finding> = []
  const report = (finding: Finding): void => {
    findings.push(finding)
    examination.report(finding)
  }

  HereFindings.findings(here).forEach(report)
  report(yield* Login.findSsh(request, caller))
  const own = place._tag === "Local" ? ShellWords.display(caller.ownServer) : DEFAULT_SERVER
  const interview = yield* Login.interview({ request, caller, server: request.server ?? own, patience, report })
  if (Option.isNone(interview)) {
    SshFindings.UNREACHED.forEach(report)
    return findings
  }
  const { answeredAt, facts } = interview.value
  const server = request.server ?? (place._tag === "Local" ? own : undefined)
  const there = ThereFindings.findings(facts, { operand, server, environment: caller.environment, answeredAt })
  there.forEach(report)
  if (ThereFindings.isWithoutServer(there)) {
    report(LinkFindings.NO_SERVER)
    return findings
  }
  const firewalls = ThereFindings.firewalls(facts)
  yield* Session.examine({ request, caller, patience, firewalls, operand, paths, openRelay, report })
  return findings
})
