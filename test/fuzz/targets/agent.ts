/**
 * Messages of authentication agents: refused, or cut into the same messages however the bytes arrive.
 */
import * as Result from "effect/Result"
import * as AgentMessage from "../../../src/domain/forwarding/AgentMessage.ts"
import { bytesEqual, law, type Target } from "../target.ts"

const readAll = (input: Uint8Array, size: number): ReadonlyArray<Uint8Array> | undefined => {
  const splitter = AgentMessage.splitter()
  const all: Array<Uint8Array> = []
  for (let at = 0; at < input.length; at += size) {
    const read = AgentMessage.read(splitter, input.subarray(at, at + size))
    if (Result.isFailure(read)) return undefined
    all.push(...read.success)
    law(splitter.pending.length <= 2 * input.length + 8, "room for more than arrived")
  }
  return all
}

const request = Uint8Array.of(0, 0, 0, 1, AgentMessage.REQUEST_IDENTITIES)
const name = Buffer.from("\0\0\0\x0fssh-ed25519", "latin1")
const sign = Buffer.concat([Uint8Array.of(0, 0, 0, 28, AgentMessage.SIGN_REQUEST, 0, 0, 0, 15), name, Buffer.alloc(8)])

export const agent: Target = {
  what: "messages of authentication agents",
  seeds: () => [Buffer.concat([request, sign, AgentMessage.failure()])],
  tokens: [request, sign, AgentMessage.failure(), Uint8Array.of(0, 4, 0, 0), Uint8Array.of(0xff, 0xff, 0xff, 0xff)],
  maxLength: 4096,
  budget: 300,
  quick: 3000,
  run: (input) => {
    const whole = readAll(input, Math.max(1, input.length))
    const pieces = readAll(input, 3)
    law((whole === undefined) === (pieces === undefined), "refused only in one piece, or only in several")
    if (whole === undefined || pieces === undefined) return
    law(whole.length === pieces.length, "another number of messages in pieces")
    whole.forEach((message, i) =>
      law(bytesEqual(message, pieces[i] ?? request.subarray(1)), "another message in pieces")
    )
    const all = Buffer.concat(whole)
    law(bytesEqual(all, input.subarray(0, all.length)), "bytes were lost")
    for (const message of whole) {
      const key = AgentMessage.signingKey(message)
      law(key === undefined || /^[\w.@+-]{1,64}$/.test(key), "a key's type that no terminal should show")
    }
  }
}
