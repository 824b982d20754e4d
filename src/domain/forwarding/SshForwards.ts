/**
 * The forwardings of the user's ssh configuration, as `ssh -G` prints them.
 */
import * as Result from "effect/Result"
import * as Endpoint from "./Endpoint.ts"
import type { ForwardSpec } from "./ForwardSpec.ts"

/** What ssh's configuration says about forwardings. */
export interface SshForwards {
  readonly specs: ReadonlyArray<ForwardSpec>
  /** `GatewayPorts`: listeners without an address of their own are open to other hosts. */
  readonly gatewayPorts: boolean
  /** `ExitOnForwardFailure`: a forwarding that cannot be set up ends the session. */
  readonly exitOnFailure: boolean
  /** `ClearAllForwardings`: forward nothing, whatever the configuration or the command line asks for. */
  readonly clearAll: boolean
}

export const none: SshForwards = { specs: [], gatewayPorts: false, exitOnFailure: false, clearAll: false }

/** Forwardings of one configuration that are read; the rest is ignored. */
const MOST = 64

/** Reads the output of `ssh -G`. Lines that are not understood are ignored: ssh has accepted them. */
export const parse = (settings: string): SshForwards => {
  const lines = settings.split(/\r?\n/).map((line) => line.split(" "))
  const isYes = (name: string): boolean => lines.some(([key, value]) => key === name && value === "yes")
  const clearAll = isYes("clearallforwardings")
  const specs = lines.flatMap((words) => specOf(words) ?? [])
  // OpenSSH prints a local forwarding to a unix socket a second time, as a dynamic one.
  const isRepeated = ({ from, listen, target }: ForwardSpec): boolean =>
    target === undefined &&
    specs.some(
      (other) =>
        other.from === from && other.target !== undefined && Endpoint.format(other.listen) === Endpoint.format(listen)
    )
  return {
    specs: clearAll ? [] : specs.filter((spec) => !isRepeated(spec)).slice(0, MOST),
    gatewayPorts: isYes("gatewayports"),
    exitOnFailure: isYes("exitonforwardfailure"),
    clearAll
  }
}

const specOf = ([key, from, to, ...others]: ReadonlyArray<string>): ForwardSpec | undefined => {
  if (from === undefined || others.length > 0) return undefined
  const listen = Result.getOrUndefined(Result.flatMap(partsOf(from), Endpoint.listenOf))
  if (listen === undefined) return undefined
  const isProxy = to === undefined || to === "[socks]:0" || to === "socks:0"
  const target = isProxy ? undefined : Result.getOrUndefined(Result.flatMap(partsOf(to), Endpoint.endpointOf))
  if (!isProxy && target === undefined) return undefined
  switch (key) {
    case "localforward":
      return isProxy ? undefined : { from: "client", listen, target }
    case "remoteforward":
      return { from: "server", listen, target }
    case "dynamicforward":
      return isProxy ? { from: "client", listen, target } : undefined
    default:
      return undefined
  }
}

const partsOf = (text: string): Result.Result<ReadonlyArray<Endpoint.Part>, string> => {
  const parts = Endpoint.split(text)
  return parts === undefined ? Result.fail("brackets") : Result.succeed(parts)
}
