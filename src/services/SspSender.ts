/**
 * The life of a `Sender`: its instructions leave encoded, padded and compressed, ready to be cut into datagrams.
 *
 * The service has a default, so nobody needs to provide it; whoever provides another watches or replaces the sending half
 * of every `Transport` made in its scope.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Millis } from "../domain/Machine.ts"
import type { DropReason } from "../domain/sync/DropReason.ts"
import type { Role } from "../domain/sync/Role.ts"
import * as Sender from "../domain/sync/Sender.ts"
import type { Features, SyncObject } from "../domain/sync/SyncObject.ts"
import * as Instruction from "../domain/wire/Instruction.ts"
import * as Actor from "./Actor.ts"
import { Compression } from "./Compression.ts"
import { PacketCipher } from "./PacketCipher.ts"

export type SspSender<State> = Actor.Actor<Sender.State<State>, Sender.Input<State>>

export interface SspSenderOptions<State> {
  readonly role: Role
  readonly object: SyncObject<State>
  /** State number 0, on which both sides agree. */
  readonly initial: State
  /** What this end understands beyond stock mosh. */
  readonly features: Features
  readonly minDelay: Millis
  /** Whether the peer's address is known from the start. */
  readonly attached: boolean
  readonly wake: Actor.WakeSchedule | undefined
  /** Takes one compressed instruction to be sent. */
  readonly onSend: (contents: Uint8Array) => void
  /** An instruction could not be sent: nobody would accept so much. */
  readonly onDropped: (reason: DropReason) => void
  readonly onEnded: (how: Sender.How) => void
}

export const make = Effect.fnUntraced(function* <State>(
  options: SspSenderOptions<State>
): Effect.fn.Return<SspSender<State>, never, Compression | PacketCipher | Scope.Scope> {
  const { deflate } = yield* Compression
  const { chaff } = yield* PacketCipher
  const now = yield* Actor.millis
  const { attached, features, initial, minDelay, role } = options
  let last: { readonly instruction: Instruction.Instruction; readonly contents: Uint8Array | undefined } | undefined

  return yield* Actor.spawn<Sender.State<State>, Sender.Input<State>, Sender.Output>({
    machine: Sender.machine(options.object),
    initial: Sender.init({ role, initial, features, minDelay, attached, now: now() }),
    tick: { _tag: "Tick" },
    wake: options.wake,
    perform: (output) => {
      switch (output._tag) {
        case "Send": {
          const { instruction } = output
          // The very same instruction goes out as the very same bytes, and so as the same fragments.
          const contents =
            last?.instruction === instruction ? last.contents : deflate(Instruction.encode(instruction, chaff()))
          last = { instruction, contents }
          return contents === undefined ? options.onDropped("limit") : options.onSend(contents)
        }
        case "Ended":
          return options.onEnded(output.how)
      }
    }
  })
})

export const SspSender: Context.Reference<{ readonly make: typeof make }> = Context.Reference(
  "effect-mosh/services/SspSender",
  { defaultValue: () => ({ make }) }
)
