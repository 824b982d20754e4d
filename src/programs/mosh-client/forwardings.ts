/**
 * Forwards what the command line and the user ask for: ports, sockets and the agent. Reports what was opened, and what failed.
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import type { AgentChoice } from "../../domain/forwarding/AgentChoice.ts"
import * as ForwardCommand from "../../domain/forwarding/ForwardCommand.ts"
import * as ForwardingList from "../../domain/forwarding/ForwardingList.ts"
import * as ForwardSpec from "../../domain/forwarding/ForwardSpec.ts"
import * as ClientForwarding from "../../services/forwarding/ClientForwarding.ts"
import type { Sockets } from "../../services/forwarding/Sockets.ts"
import type { StreamHandler } from "../../services/transport/StreamHandler.ts"
import * as OfferAgent from "./offerAgent.ts"

/** What the command line asks for. */
export interface ForwardingOptions {
  readonly specs: ReadonlyArray<ForwardSpec.ForwardSpec>
  /** Whether listeners of this end without an address are open to other hosts. */
  readonly gatewayPorts: boolean
  /** Whether a forwarding that cannot be set up ends the session. */
  readonly exitOnFailure: boolean
}

export interface ForwardingsOptions {
  readonly asked: ForwardingOptions | undefined
  readonly agent: AgentChoice | undefined
  /** Whether to report no signatures of the agent. */
  readonly agentQuiet: boolean
  /** Whether the client only watches: nothing that it sends has an effect. */
  readonly viewOnly: boolean
  /** Shows a line to the user. */
  readonly notice: (text: string) => void
  /** A forwarding failed that must not: the session is to be left. */
  readonly onFailure: (why: string) => void
}

export interface Forwardings {
  /** Handle the streams that the server opens for forwardings and for the agent. */
  readonly handlers: ReadonlyArray<StreamHandler>
  /** Opens the command line's listeners of this end. */
  readonly openLocal: Effect.Effect<void>
  /** Has the server open the command line's listeners of its end, which takes a round trip at least. */
  readonly openRemote: Effect.Effect<void, never, Scope.Scope>
  /** Obeys a line of the escape key's command line. */
  readonly obey: (line: string) => void
  /** Shows what is forwarded. */
  readonly list: () => void
  /** Whether this process has connections to forwarded programs or to the agent. */
  readonly hasConnections: () => boolean
  /** Why the session was left, if a forwarding failed that must not. */
  readonly failure: () => string | undefined
}

const WATCHES = "a client that only watches forwards nothing"

export const make = Effect.fnUntraced(function* ({
  agent,
  agentQuiet,
  asked,
  notice,
  onFailure,
  viewOnly
}: ForwardingsOptions): Effect.fn.Return<Forwardings, never, Scope.Scope | Sockets> {
  const fork = Effect.runForkWith(yield* Effect.context<never>())
  const forwarding = yield* ClientForwarding.make({ gatewayPorts: asked?.gatewayPorts, onNotice: notice })
  const agentHandlers = viewOnly ? [] : yield* OfferAgent.handlers(agent, agentQuiet, notice)
  const hasAgent = (agent?._tag ?? "Off") !== "Off"
  // Options that would forward were refused beside --view. ssh's configuration is for every use of ssh, so it is not reported.
  const specs = viewOnly ? [] : (asked?.specs ?? [])
  let failure: string | undefined

  /** `onOpen` reports a forwarding that the user asked for in the session; its failure does not end the session. */
  const add = (spec: ForwardSpec.ForwardSpec, onOpen?: (line: string) => void): Effect.Effect<void> =>
    Effect.matchEffect(forwarding.add(spec), {
      onSuccess: (opened) => {
        // A port that the system chose is of no use until the user knows it.
        const isChosen = spec.listen._tag === "Tcp" && spec.listen.port === 0
        const report = onOpen ?? (isChosen ? notice : undefined)
        report?.(ForwardingList.line(opened))
        return Effect.annotateLogs(Effect.logInfo("forwarding opened"), {
          forwarding: ForwardSpec.display(spec),
          port: opened.port
        })
      },
      onFailure: ({ message }) => {
        if (asked?.exitOnFailure === true && onOpen === undefined) {
          failure ??= message
          onFailure(message)
        } else notice(message)
        return Effect.annotateLogs(Effect.logInfo("forwarding failed"), { message })
      }
    })

  const from = (end: ForwardSpec.ForwardSpec["from"]): ReadonlyArray<ForwardSpec.ForwardSpec> =>
    specs.filter((spec) => spec.from === end)

  return {
    handlers: [forwarding.handler, ...agentHandlers],
    openLocal: Effect.forEach(from("client"), (spec) => add(spec), { discard: true }),
    openRemote: Effect.forEach(from("server"), (spec) => Effect.forkScoped(add(spec)), { discard: true }),
    obey: (line) => {
      if (viewOnly) return notice(WATCHES)
      const command = ForwardCommand.parse(line)
      if (Result.isFailure(command)) return notice(command.failure)
      if (command.success._tag === "Add") return void fork(add(command.success.spec, notice))
      const { flag, listen } = command.success
      fork(
        Effect.map(forwarding.remove(flag, listen), (found) =>
          notice(found ? `-K${flag}: closed` : `-K${flag}: there is no such forwarding`)
        )
      )
    },
    list: () => notice(ForwardingList.format(forwarding.list())),
    hasConnections: () => hasAgent || forwarding.hasCarried(),
    failure: () => failure
  }
})
