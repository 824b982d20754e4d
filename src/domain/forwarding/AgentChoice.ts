/**
 * Which authentication agent a client offers to the server, by the options and ssh's settings.
 */
import type { Environment } from "../environment/Locale.ts"

/** The value of `mosh-server`'s option `-@` for a session whose programs may use an agent of its clients. */
export const AGENT = "agent"

/** `Off`: none. `Missing`: the user asks for one, and there is none here. */
export type AgentChoice =
  | { readonly _tag: "Off" }
  | { readonly _tag: "Missing" }
  | { readonly _tag: "Offer"; readonly path: string }

export interface Wanted {
  /** `-A` (true) or ssh's `-a` (false); `undefined`: as ssh's settings have it. */
  readonly asked: boolean | undefined
  /** ssh's `ForwardAgent`: `yes`, `no`, the path of a socket, or the name of a variable after `$`; `undefined` if unknown. */
  readonly forwardAgent: string | undefined
  readonly environment: Environment
}

export const choose = ({ asked, environment, forwardAgent = "no" }: Wanted): AgentChoice => {
  if (asked === false || (asked === undefined && forwardAgent === "no")) return { _tag: "Off" }
  const isNamed = forwardAgent !== "no" && forwardAgent !== "yes"
  const named = forwardAgent.startsWith("$") ? environment[forwardAgent.slice(1)] : forwardAgent
  const path = isNamed ? named : environment["SSH_AUTH_SOCK"]
  if (path !== undefined && path !== "") return { _tag: "Offer", path }
  // ssh's configuration may ask for it everywhere, also where there is no agent.
  return { _tag: asked === true ? "Missing" : "Off" }
}
