/**
 * Negotiates SOCKS with a client: reads its request, connects, and answers. `domain/forwarding/Socks` decides.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { Endpoint } from "../../domain/forwarding/Endpoint.ts"
import type { ForwardingReason } from "../../domain/forwarding/ForwardingCode.ts"
import * as Socks from "../../domain/forwarding/Socks.ts"
import * as Actor from "../runtime/Actor.ts"

/** The connection to the client. */
export interface SocksClient<E> {
  readonly read: Effect.Effect<Uint8Array | undefined, E>
  readonly write: (bytes: Uint8Array) => Effect.Effect<void, E>
}

/** What a client asked for, connected. */
export interface Negotiated<A> {
  readonly connection: A
  /** What the client sent ahead of the answer, for its destination. */
  readonly early: Uint8Array
}

/**
 * Negotiates with `client`; `connect` fails with the reason for the answer. `undefined`: there is nothing to carry, and the
 * connection to the client should be closed.
 */
export const negotiate = Effect.fnUntraced(function* <A, E, R>(
  client: SocksClient<E>,
  connect: (to: Endpoint) => Effect.Effect<A, ForwardingReason, R>
): Effect.fn.Return<Negotiated<A> | undefined, E, R> {
  const now = yield* Actor.millis
  let state = Socks.initial(now())
  /** Returns the destination, once it is known. */
  const offer = Effect.fnUntraced(function* (input: Socks.Input) {
    const [next, outputs] = Socks.machine.step(state, input, now())
    state = next
    let to: Endpoint | undefined
    for (const output of outputs) {
      if (output._tag === "Send") yield* client.write(output.bytes)
      else if (output._tag === "Connect") to = output.to
    }
    return to
  })

  let to: Endpoint | undefined
  do {
    const piece = yield* Effect.timeoutOption(client.read, Math.max(0, Socks.machine.deadline(state) - now()))
    if (Option.isNone(piece) || piece.value === undefined) return undefined
    to = yield* offer({ _tag: "Received", bytes: piece.value })
    if (state.phase === "Over") return undefined
  } while (to === undefined)
  const result = yield* Effect.result(connect(to))
  if (result._tag === "Failure") {
    yield* offer({ _tag: "Failed", reason: result.failure })
    return undefined
  }
  yield* offer({ _tag: "Connected" })
  return { connection: result.success, early: state.held }
})
