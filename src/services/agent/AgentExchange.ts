/**
 * Reads one message of an authentication agent, which is all that may arrive between two requests.
 */
import * as Effect from "effect/Effect"
import * as AgentMessage from "../../domain/forwarding/AgentMessage.ts"

/** The one message that follows, as far as bytes come. Fails at the end of the bytes, and if more than one message arrives. */
export const readOne = <E>(
  read: Effect.Effect<Uint8Array | undefined, E>
): Effect.Effect<Uint8Array, E | AgentMessage.MalformedAgentMessage> =>
  Effect.gen(function* () {
    const splitter = AgentMessage.splitter()
    for (;;) {
      const piece = yield* read
      if (piece === undefined) return yield* new AgentMessage.MalformedAgentMessage({ length: 0 })
      const [message, ...others] = yield* Effect.fromResult(AgentMessage.read(splitter, piece))
      if (message === undefined) continue
      if (others.length > 0 || splitter.length > 0)
        return yield* new AgentMessage.MalformedAgentMessage({ length: message.length })
      return message
    }
  })
