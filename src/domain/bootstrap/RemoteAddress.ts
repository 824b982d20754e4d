/**
 * Which of a host's addresses to use (spec 1.4).
 */
import * as Result from "effect/Result"
import type { Family } from "./WrapperArguments.ts"

export interface HostAddress {
  /** Numeric. */
  readonly address: string
  readonly family: 4 | 6
}

/**
 * The addresses to try, best first; those of one family keep their order. Fails, with words for a person, when none is
 * left, or when `auto` meets a host of both families.
 */
export const select = (
  family: Family,
  addresses: ReadonlyArray<HostAddress>
): Result.Result<readonly [HostAddress, ...ReadonlyArray<HostAddress>], string> => {
  const ofFamily = (wanted: 4 | 6) => addresses.filter((candidate) => candidate.family === wanted)
  const four = ofFamily(4)
  const six = ofFamily(6)
  const selected = {
    inet: four,
    inet6: six,
    all: addresses,
    auto: addresses,
    "prefer-inet": [...four, ...six],
    "prefer-inet6": [...six, ...four]
  }[family]
  const [best, ...others] = selected
  if (best === undefined) return Result.fail(`there is no ${WANTED[family] ?? ""}address`)
  return family === "auto" && four.length > 0 && six.length > 0
    ? Result.fail("there are IPv4 and IPv6 addresses, and --family=auto does not choose between them")
    : Result.succeed([best, ...others])
}

/** `[user@]host` in its parts; `user` with its `@`. */
export const splitDestination = (destination: string): { readonly user: string; readonly host: string } => {
  const at = destination.lastIndexOf("@")
  return { user: destination.slice(0, at + 1), host: destination.slice(at + 1) }
}

const WANTED: { readonly [F in Family]?: string } = { inet: "IPv4 ", inet6: "IPv6 " }
