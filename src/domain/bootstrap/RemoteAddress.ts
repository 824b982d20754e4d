/**
 * The name of a host, and which of its addresses to use (spec 1.4).
 */
import * as Data from "effect/Data"
import * as Result from "effect/Result"
import type { Family } from "../arguments/WrapperArguments.ts"

export interface HostAddress {
  /** Numeric. */
  readonly address: string
  readonly family: 4 | 6
}

/** A host has no address to use. `reason` is a phrase for a message, such as `no such name is known`. */
export class NoAddress extends Data.TaggedError("NoAddress")<{ readonly reason: string }> {
  override get message() {
    return this.reason
  }
}

/**
 * The addresses to try, best first; those of one family keep their order. Fails when the family has no address, or when
 * `auto` meets a host with addresses of both families.
 */
export const select = (
  family: Family,
  addresses: ReadonlyArray<HostAddress>
): Result.Result<readonly [HostAddress, ...ReadonlyArray<HostAddress>], NoAddress> => {
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
  if (best === undefined) return Result.fail(new NoAddress({ reason: `there is no ${WANTED[family] ?? ""}address` }))
  return family === "auto" && four.length > 0 && six.length > 0
    ? Result.fail(
        new NoAddress({ reason: "there are IPv4 and IPv6 addresses, and --family=auto does not choose between them" })
      )
    : Result.succeed([best, ...others])
}

/** The addresses that a session may use, most preferred first. */
export const usable = (family: Family, addresses: ReadonlyArray<HostAddress>): ReadonlyArray<string> =>
  Result.match(select(family === "auto" ? "all" : family, addresses), {
    onFailure: () => [],
    onSuccess: (selected) => selected.map(({ address }) => address)
  })

/** `[user@]host` in its parts; `user` with its `@`. */
export const splitDestination = (destination: string): { readonly user: string; readonly host: string } => {
  const at = destination.lastIndexOf("@")
  return { user: destination.slice(0, at + 1), host: destination.slice(at + 1) }
}

/**
 * Whether a `[user@]host` may be passed to ssh. ssh puts host and user as they are into the proxy command, ours or one of
 * the user's own, which a shell reads: `$(command)` in a link to a host would run here. OpenSSH itself refuses such names
 * since 9.6. What a name stands for in ssh's configuration is the user's own, and is not checked.
 */
export const isSafeDestination = (destination: string): boolean => {
  const { host, user } = splitDestination(destination)
  // ssh would take it for an option, and some of its options run commands.
  return !destination.startsWith("-") && !host.startsWith("-") && !IN_NO_HOST.test(host) && !IN_NO_USER.test(user)
}

/** What a shell acts on; blanks, controls, and what looks like them. */
const IN_NO_HOST = /["$&'();<>\\`{|}\s\u0000-\u001f\u007f-\u009f]/
/** A user may be `DOMAIN\user` or `machine$`, and have blanks, but none that makes the rest an option. */
const IN_NO_USER = /["&'();<>`{|}\u0000-\u001f\u007f-\u009f]|\$[({]|\s-|\\@?$/

const WANTED: { readonly [F in Family]?: string } = { inet: "IPv4 ", inet6: "IPv6 " }
