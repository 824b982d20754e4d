/**
 * What a user asks to forward: the arguments of `-L`, `-R` and `-D`, in every form of ssh's manual.
 *
 * ```
 * -L [ADDRESS:]PORT:HOST:HOSTPORT     -R [ADDRESS:]PORT:HOST:HOSTPORT
 * -L [ADDRESS:]PORT:SOCKET            -R [ADDRESS:]PORT:SOCKET
 * -L SOCKET:HOST:HOSTPORT             -R SOCKET:HOST:HOSTPORT
 * -L SOCKET:SOCKET                    -R SOCKET:SOCKET
 * -D [ADDRESS:]PORT                   -R [ADDRESS:]PORT
 * ```
 *
 * `-D`, and `-R` without a destination, are SOCKS proxies. Law: `parse(flag(spec), format(spec))` is `spec`.
 */
import * as Result from "effect/Result"
import { plain } from "../session/PlainText.ts"
import * as Endpoint from "./Endpoint.ts"

/** One forwarding. */
export interface ForwardSpec {
  /** Which end listens: this one (`-L`, `-D`), or the server (`-R`). The other end connects. */
  readonly from: "client" | "server"
  /** Where that end listens. */
  readonly listen: Endpoint.ListenEndpoint
  /** Where the connections go; `undefined`: where each of them asks to, by SOCKS. */
  readonly target: Endpoint.Endpoint | undefined
}

/** The options of ssh that ask for a forwarding. */
export const FLAGS = ["L", "R", "D"] as const

/** One of `FLAGS`. */
export type Flag = (typeof FLAGS)[number]

/** Parses the argument of an option. A failure is one sentence for the user. */
export const parse = (flag: Flag, text: string): Result.Result<ForwardSpec, string> =>
  Result.mapError(read(flag, text), (problem) => `-${flag} ${shown(text)} is not a forwarding: ${problem}.`)

const read = (flag: Flag, text: string): Result.Result<ForwardSpec, string> => {
  const parts = Endpoint.split(text)
  if (parts === undefined) return Result.fail("a bracket is not closed")
  const from = flag === "R" ? "server" : "client"
  const rest = parts.length - targetLength(parts)
  const isProxy = flag === "D" || (flag === "R" && (parts.length === 1 || isListen(parts)))
  if (isProxy) return Result.map(Endpoint.listenOf(parts), (listen) => ({ from, listen, target: undefined }))
  if (rest < 1) return Result.fail("its destination is missing")
  return Result.flatMap(Endpoint.listenOf(parts.slice(0, rest)), (listen) =>
    Result.map(Endpoint.endpointOf(parts.slice(rest)), (target) => ({ from, listen, target }))
  )
}

/** How many of the parts are the destination. */
const targetLength = (parts: ReadonlyArray<Endpoint.Part>): number => (parts.at(-1)?.isPath === true ? 1 : 2)

/** Whether the parts are an address and a port. */
const isListen = (parts: ReadonlyArray<Endpoint.Part>): boolean =>
  parts.length === 2 && !parts.some(({ isPath }) => isPath)

/** Parses the place of a listener that is to be closed: the argument of `-KL`, `-KR` and `-KD`. */
export const parseListen = (flag: Flag, text: string): Result.Result<Endpoint.ListenEndpoint, string> => {
  const parts = Endpoint.split(text)
  const listen = parts === undefined ? Result.fail("a bracket is not closed") : Endpoint.listenOf(parts)
  return Result.mapError(listen, (problem) => `-K${flag} ${shown(text)} is not a listener: ${problem}.`)
}

/** The option that asks for a forwarding. */
export const flag = ({ from, target }: ForwardSpec): Flag =>
  from === "server" ? "R" : target === undefined ? "D" : "L"

/** The argument of the option. */
export const format = ({ listen, target }: ForwardSpec): string =>
  target === undefined ? Endpoint.format(listen) : `${Endpoint.format(listen)}:${Endpoint.format(target)}`

/** The option and its argument, as words of a command line. */
export const option = (spec: ForwardSpec): readonly [option: string, argument: string] => [
  `-${flag(spec)}`,
  format(spec)
]

/** A forwarding for the user. */
export const display = (spec: ForwardSpec): string => option(spec).join(" ")

const LONGEST_SHOWN = 100

const shown = (text: string): string => plain(text, LONGEST_SHOWN)
