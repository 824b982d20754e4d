/**
 * The command line of `mosh-client` (spec 1.11): `[-# TEXT] [-v…] [-A] [-LRD FORWARDING…] IP PORT`, or `-c`.
 */
import * as Result from "effect/Result"
import * as ForwardSpec from "../forwarding/ForwardSpec.ts"
import * as PosixOptions from "./PosixOptions.ts"
import { letters } from "../manual/MoshClientManual.ts"

export type ClientArguments =
  | {
      readonly _tag: "Connect"
      readonly host: string
      readonly port: number
      readonly verbose: boolean
      /** Whether programs on the server may use this machine's agent. */
      readonly agent: boolean
      /** What to forward, in the order of the options. */
      readonly forwards: ReadonlyArray<ForwardSpec.ForwardSpec>
    }
  /** Print the number of the terminal's colours. */
  | { readonly _tag: "Colors" }
  | { readonly _tag: "Help" }
  | { readonly _tag: "Version" }
  /** `complaint` is a line for the user; `undefined` if the usage explains the error. */
  | { readonly _tag: "Wrong"; readonly complaint: string | undefined }

/** Parses the arguments. Does not check whether `host` is an address: the network does. */
export const parse = (line: ReadonlyArray<string>): ClientArguments => {
  const asked = longOption(line)
  if (asked !== undefined) return asked
  const operands: Array<string> = []
  const forwards: Array<ForwardSpec.ForwardSpec> = []
  let verbose = false
  let agent = false
  for (const token of PosixOptions.parse(letters, line)) {
    const complaint = PosixOptions.complaint("mosh-client", token)
    if (complaint !== undefined) return { _tag: "Wrong", complaint }
    if (token._tag === "Operand") operands.push(token.text)
    const flag = token._tag === "Value" ? ForwardSpec.FLAGS.find((letter) => letter === token.letter) : undefined
    if (token._tag === "Value" && flag !== undefined) {
      const spec = ForwardSpec.parse(flag, token.value)
      if (Result.isFailure(spec)) return { _tag: "Wrong", complaint: `mosh-client: ${spec.failure}` }
      forwards.push(spec.success)
    }
    if (token._tag === "Flag" && token.letter === "c") return { _tag: "Colors" }
    if (token._tag === "Flag" && token.letter === "v") verbose = true
    if (token._tag === "Flag" && token.letter === "A") agent = true
  }
  const [host, port] = operands
  if (host === undefined || port === undefined || operands.length !== 2) return { _tag: "Wrong", complaint: undefined }
  if (!/^[0-9]{1,5}$/.test(port) || Number(port) === 0 || Number(port) > 65_535)
    return { _tag: "Wrong", complaint: `mosh-client: Bad UDP port (${port})` }
  return { _tag: "Connect", host, port: Number(port), verbose, agent, forwards }
}

/** `--help` or `--version`, at any position except as the text of `-#`. */
const longOption = (line: ReadonlyArray<string>): ClientArguments | undefined => {
  for (const [at, argument] of line.entries()) {
    if (line[at - 1] === "-#") continue
    if (argument === "--") return undefined
    if (argument === "--help") return { _tag: "Help" }
    if (argument === "--version") return { _tag: "Version" }
  }
  return undefined
}
