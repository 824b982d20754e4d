/**
 * The client's agent, as programs of the session may use it: what the user learns of that.
 */
import * as Effect from "effect/Effect"
import type { AgentChoice } from "../../domain/forwarding/AgentChoice.ts"
import * as AgentOffer from "../../services/agent/AgentOffer.ts"

/** Offers the agent to the server, if there is one to offer. */
export const handlers = (agent: AgentChoice = { _tag: "Off" }, isQuiet: boolean, notice: (text: string) => void) =>
  Effect.suspend(() => {
    if (agent._tag === "Missing") notice("no agent is forwarded: SSH_AUTH_SOCK names none here")
    if (agent._tag !== "Offer") return Effect.succeed([])
    return Effect.map(
      AgentOffer.handler({
        path: agent.path,
        onSignature: (key) => {
          if (!isQuiet) notice(`the server asks your agent for a signature (${key})`)
        },
        onUnsupported: (reason) => notice(`no agent is forwarded: ${REASONS[reason]}`)
      }),
      (handler) => [handler]
    )
  })

const REASONS = {
  Refused: "the session was started without -A",
  Unsupported: "the server is not effect-mosh, or an old one"
} as const
