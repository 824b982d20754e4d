/**
 * Resolves host names with the system's resolver.
 */
import * as Result from "effect/Result"
import * as Dns from "node:dns"
import { type HostAddress, NoAddress } from "../../../domain/bootstrap/RemoteAddress.ts"

/** The addresses of a name or numeric address, in the system's order. */
export const lookup = async (host: string): Promise<Result.Result<ReadonlyArray<HostAddress>, NoAddress>> => {
  try {
    const found = await Dns.promises.lookup(host, { all: true, verbatim: true })
    return Result.succeed(found.map(({ address, family }) => ({ address, family: family === 6 ? 6 : 4 })))
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : String(error)
    return Result.fail(new NoAddress({ reason: REASONS[code] ?? `the look-up failed (${code})` }))
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOTFOUND: "no such name is known",
  EAI_AGAIN: "the name service does not answer"
}
