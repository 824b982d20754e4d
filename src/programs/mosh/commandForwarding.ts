/**
 * What `mosh -T` forwards beside its command (`-L`, `-R`, `-D`), as ssh does: the session lasts until the command has ended and
 * no forwarded connection is left.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { ForwardSpec } from "../../domain/forwarding/ForwardSpec.ts"
import * as ForwardingList from "../../domain/forwarding/ForwardingList.ts"
import * as ClientForwarding from "../../services/forwarding/ClientForwarding.ts"
import * as NodeSockets from "../../services/node/forwarding/NodeSockets.ts"
import type { StreamHandler } from "../../services/transport/StreamHandler.ts"

export interface CommandForwarding {
  readonly handler: StreamHandler
  /** Opens the listeners at the server. Waits for them only if one that cannot be opened is to end the session. */
  readonly listenThere: Effect.Effect<void, ClientForwarding.ForwardingError, Scope.Scope>
  /** Resumes when no connection is left. */
  readonly idle: Effect.Effect<void>
}

export interface Options {
  readonly specs: ReadonlyArray<ForwardSpec>
  readonly gatewayPorts: boolean
  /** Whether a forwarding that cannot be set up ends the session. */
  readonly exitOnFailure: boolean
}

/** Opens the listeners of this end. `notice` shows a line to the user. */
export const make = Effect.fnUntraced(function* (
  { exitOnFailure, gatewayPorts, specs }: Options,
  notice: (text: string) => void
): Effect.fn.Return<CommandForwarding, ClientForwarding.ForwardingError, Scope.Scope> {
  const forwarding = yield* Effect.provide(ClientForwarding.make({ gatewayPorts, onNotice: notice }), NodeSockets.layer)
  const open = (from: ForwardSpec["from"]) =>
    Effect.forEach(
      specs.filter((spec) => spec.from === from),
      (spec) =>
        forwarding.add(spec).pipe(
          Effect.map((opened) => {
            // A port that the system chose is of no use until the user knows it.
            if (spec.listen._tag === "Tcp" && spec.listen.port === 0) notice(ForwardingList.line(opened))
          }),
          Effect.catch((error) => (exitOnFailure ? Effect.fail(error) : Effect.sync(() => notice(error.message))))
        ),
      { discard: true }
    )
  yield* open("client")
  return {
    handler: forwarding.handler,
    listenThere: exitOnFailure ? open("server") : Effect.asVoid(Effect.forkScoped(Effect.ignore(open("server")))),
    idle: forwarding.idle
  }
})
