/**
 * The life of a `Receiver`: compressed instructions go in as they were put together from datagrams.
 *
 * As `SspSender`, a service with a default.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import type { DropReason } from "../domain/sync/DropReason.ts"
import * as Receiver from "../domain/sync/Receiver.ts"
import type { SyncObject } from "../domain/sync/SyncObject.ts"
import * as Instruction from "../domain/wire/Instruction.ts"
import * as Actor from "./Actor.ts"
import { Compression } from "./Compression.ts"

export interface SspReceiver<State> {
  /** Takes one compressed instruction. Never throws, whatever it is. */
  readonly receive: (contents: Uint8Array) => void
  readonly state: () => Receiver.State<State>
}

export interface SspReceiverOptions<State> {
  readonly object: SyncObject<State>
  /** State number 0, on which both sides agree. */
  readonly initial: State
  readonly onOutput: (output: Exclude<Receiver.Output<State>, { readonly _tag: "Dropped" }>) => void
  readonly onDropped: (reason: DropReason) => void
}

export const make = Effect.fnUntraced(function* <State>(
  options: SspReceiverOptions<State>
): Effect.fn.Return<SspReceiver<State>, never, Compression | Scope.Scope> {
  const { inflate } = yield* Compression
  const now = yield* Actor.millis
  const { object, initial, onOutput, onDropped } = options

  const actor = yield* Actor.spawn<Receiver.State<State>, Receiver.Input, Receiver.Output<State>>({
    machine: Receiver.machine(object),
    initial: Receiver.init({ initial, now: now() }),
    perform: (output) => (output._tag === "Dropped" ? onDropped(output.reason) : onOutput(output))
  })

  return {
    receive: (contents) => {
      const inflated = inflate(contents)
      if (inflated === undefined) return onDropped("compression")
      const instruction = Instruction.decode(inflated)
      if (Result.isFailure(instruction)) return onDropped(instruction.failure)
      actor.offer(instruction.success)
    },
    state: actor.state
  }
})

export const SspReceiver: Context.Reference<{ readonly make: typeof make }> = Context.Reference(
  "effect-mosh/services/SspReceiver",
  { defaultValue: () => ({ make }) }
)
