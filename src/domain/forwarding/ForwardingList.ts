/**
 * The forwardings of a session, for the user.
 */
import * as ForwardSpec from "./ForwardSpec.ts"

/** A forwarding, and what it does now. */
export interface Forwarding {
  readonly spec: ForwardSpec.ForwardSpec
  /** The TCP port of its listener, also if the system chose it; 0 for a unix socket, and until the listener is open. */
  readonly port: number
  readonly isOpen: boolean
  /** Connections that are carried now. */
  readonly connections: number
}

/** One line. */
export const line = ({ connections, isOpen, port, spec }: Forwarding): string => {
  const { listen } = spec
  const shown = listen._tag === "Tcp" && listen.port === 0 && port > 0 ? { ...spec, listen: { ...listen, port } } : spec
  const state = isOpen ? `${connections} ${connections === 1 ? "connection" : "connections"}` : "waiting for the server"
  return `${ForwardSpec.display(shown)} (${state})`
}

/** All of them, a line each. */
export const format = (forwardings: ReadonlyArray<Forwarding>): string =>
  forwardings.length === 0
    ? "nothing is forwarded"
    : [`${forwardings.length} forwarded:`, ...forwardings.map((one) => `  ${line(one)}`)].join("\n")
