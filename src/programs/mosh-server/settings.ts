/**
 * The settings that `mosh-server` reads from environment variables.
 *
 * Without Effect's `Config`, which would load Schema before the `MOSH CONNECT` line (decision 6). The session process reads
 * `MOSH_LOG` through `Config`; everything else is handed over to it.
 */
import type { Environment } from "../../domain/environment/Locale.ts"
import type { Millis } from "../../domain/Machine.ts"
import * as ForwardingPolicy from "../../domain/forwarding/ForwardingPolicy.ts"
import * as DetachedLimit from "../../domain/registry/DetachedLimit.ts"
import * as Lifetime from "../../domain/session/Lifetime.ts"
import * as Persistence from "../../domain/session/Persistence.ts"
import * as Scrollback from "../../domain/session/Scrollback.ts"

export interface Settings {
  /** `MOSH_SERVER_NETWORK_TMOUT`, ms; `Infinity` for no limit. */
  readonly networkTimeout: Millis
  /** `MOSH_SERVER_SIGNAL_TMOUT`, ms; `undefined` if it is not set. */
  readonly signalTimeout: Millis | undefined
  /** `MOSH_SERVER_SCROLLBACK`, rows. */
  readonly scrollback: number
  /** `MOSH_SERVER_FORWARDING`. */
  readonly forwarding: ForwardingPolicy.ForwardingPolicy
  /** `MOSH_DETACHABLE`: whether sessions without a name also keep running after their client left. */
  readonly detachable: boolean
  /** `MOSH_SERVER_MAX_DETACHED`: with so many detached sessions, a user starts no further one; `undefined` for no limit. */
  readonly maxDetached: number | undefined
  /** `MOSH_SESSION`: the session in which this program runs, by its name or ID. */
  readonly session: string | undefined
  /** `MOSH_LOG`: the file for events. */
  readonly logFile: string | undefined
  /** `SSH_CONNECTION`, which sshd sets. */
  readonly sshConnection: string | undefined
}

/** Reads the settings. `warnings` are lines for the user about values that are ignored. */
export const read = (
  environment: Environment
): { readonly settings: Settings; readonly warnings: ReadonlyArray<string> } => {
  const network = Lifetime.readSeconds(NETWORK, environment[NETWORK])
  const signal = Lifetime.readSeconds(SIGNAL, environment[SIGNAL])
  const scrollback = Scrollback.read(SCROLLBACK, environment[SCROLLBACK])
  const forwarding = ForwardingPolicy.read(FORWARDING, environment[FORWARDING])
  const detached = DetachedLimit.read(MAX_DETACHED, environment[MAX_DETACHED])
  return {
    settings: {
      networkTimeout: Lifetime.networkLimit(network.milliseconds),
      signalTimeout: signal.milliseconds,
      scrollback: scrollback.rows,
      forwarding: forwarding.policy,
      detachable: Persistence.isRequested(environment["MOSH_DETACHABLE"]),
      maxDetached: detached.limit,
      session: environment["MOSH_SESSION"],
      logFile: environment["MOSH_LOG"],
      sshConnection: environment["SSH_CONNECTION"]
    },
    warnings: [network, signal, scrollback, forwarding, detached].flatMap(({ warning }) => warning ?? [])
  }
}

const NETWORK = "MOSH_SERVER_NETWORK_TMOUT"
const SIGNAL = "MOSH_SERVER_SIGNAL_TMOUT"
export const MAX_DETACHED = "MOSH_SERVER_MAX_DETACHED"
const SCROLLBACK = "MOSH_SERVER_SCROLLBACK"
const FORWARDING = "MOSH_SERVER_FORWARDING"
