/**
 * The commands of the command line: add a forwarding, or remove one, as ssh's.
 *
 * ```
 * -L, -R, -D FORWARDING     add it
 * -KL, -KR, -KD LISTENER    close its listener: [ADDRESS:]PORT, or the path of a unix socket
 * ```
 */
import * as Result from "effect/Result"
import type * as Endpoint from "./Endpoint.ts"
import * as ForwardSpec from "./ForwardSpec.ts"

export type ForwardCommand =
  | { readonly _tag: "Add"; readonly spec: ForwardSpec.ForwardSpec }
  | { readonly _tag: "Remove"; readonly flag: ForwardSpec.Flag; readonly listen: Endpoint.ListenEndpoint }

/** The commands, for the user. */
export const USAGE = "Commands: -L, -R, -D FORWARDING to add; -KL, -KR, -KD [ADDRESS:]PORT to remove"

/** Parses a command. A failure is one sentence for the user. */
export const parse = (text: string): Result.Result<ForwardCommand, string> => {
  const [, kill, letter, argument = ""] = /^-(K?)([LRD])\s*(.*)$/.exec(text) ?? []
  const flag = ForwardSpec.FLAGS.find((known) => known === letter)
  if (flag === undefined || argument === "") return Result.fail(USAGE)
  return kill === ""
    ? Result.map(ForwardSpec.parse(flag, argument), (spec) => ({ _tag: "Add", spec }))
    : Result.map(ForwardSpec.parseListen(flag, argument), (listen) => ({ _tag: "Remove", flag, listen }))
}
