/**
 * The streams of a command: refused, or a request and frames that are equal when they are written again, however the bytes are
 * cut. The first byte of an input chooses between the main stream and the side stream.
 */
import * as Result from "effect/Result"
import * as CommandFrame from "../../../src/domain/command/CommandFrame.ts"
import * as CommandRequest from "../../../src/domain/command/CommandRequest.ts"
import { bytesEqual, law, type Target } from "../target.ts"

const encoder = new TextEncoder()

const requests: ReadonlyArray<CommandRequest.CommandRequest> = [
  { what: "shell", text: "", variables: [] },
  { what: "command", text: "rsync --server . '/a b'", variables: [["GIT_PROTOCOL", "version=2"]] },
  {
    what: "subsystem",
    text: "sftp",
    variables: [
      ["LANG", "C"],
      ["LC_ALL", ""]
    ]
  }
]

const frames: ReadonlyArray<CommandFrame.CommandFrame> = [
  { _tag: "Errors", bytes: encoder.encode("no such file\n") },
  { _tag: "Exited", status: 7 },
  { _tag: "Killed", signal: "RTMIN+3" },
  { _tag: "Failed", reason: "there is no shell" },
  { _tag: "Signal", signal: "INT" }
]

const encoded = requests.map((request) => Result.getOrThrow(CommandRequest.encode(request)))

/** What is read of a main stream in pieces of a size. */
const readRequest = (input: Uint8Array, size: number) => {
  const reader = CommandRequest.reader()
  for (let at = 0; at < input.length; at += size) {
    const read = CommandRequest.read(reader, input.subarray(at, at + size))
    if (read === "malformed") return read
    if (read !== "incomplete")
      return { request: read.request, input: Buffer.concat([read.input, input.subarray(at + size)]) }
  }
  return "incomplete"
}

const main = (bytes: Uint8Array): void => {
  const whole = readRequest(bytes, Math.max(1, bytes.length))
  const pieces = readRequest(bytes, 3)
  law(typeof whole === typeof pieces, "read only in one piece, or only in several")
  if (typeof whole === "string" || typeof pieces === "string") return law(whole === pieces, "another refusal in pieces")
  law(bytesEqual(whole.input, pieces.input), "another input in pieces")
  const again = Result.getOrThrow(CommandRequest.encode(whole.request))
  law(bytesEqual(again, Result.getOrThrow(CommandRequest.encode(pieces.request))), "another request in pieces")
  const read = readRequest(again, again.length)
  law(
    typeof read !== "string" && JSON.stringify(read.request) === JSON.stringify(whole.request),
    "another when rewritten"
  )
}

const readFrames = (input: Uint8Array, size: number): Uint8Array | undefined => {
  const decoder = CommandFrame.decoder()
  const all: Array<Uint8Array> = []
  for (let at = 0; at < input.length; at += size) {
    const read = CommandFrame.read(decoder, input.subarray(at, at + size))
    if (Result.isFailure(read)) return undefined
    all.push(...read.success.map(CommandFrame.encode))
    law(decoder.pending.length <= CommandFrame.MAX_BODY + 9, "more than one frame is held")
  }
  return Buffer.concat(all)
}

const side = (bytes: Uint8Array): void => {
  const whole = readFrames(bytes, Math.max(1, bytes.length))
  const pieces = readFrames(bytes, 3)
  law((whole === undefined) === (pieces === undefined), "refused only in one piece, or only in several")
  if (whole === undefined || pieces === undefined) return
  law(bytesEqual(whole, pieces), "other frames in pieces")
  const again = readFrames(whole, 5)
  law(again !== undefined && bytesEqual(again, whole), "other frames when written again")
}

export const command: Target = {
  what: "commands without a terminal",
  seeds: () => [
    ...encoded.map((bytes) => Buffer.concat([Uint8Array.of(0), bytes, encoder.encode("input")])),
    Buffer.concat([Uint8Array.of(1), ...frames.map(CommandFrame.encode)])
  ],
  tokens: [...encoded, ...frames.map(CommandFrame.encode), Uint8Array.of(0x80, 4, 0, 0), Uint8Array.of(0xc0, 0x1f)],
  maxLength: 4096,
  budget: 300,
  quick: 3000,
  run: (input) => {
    const bytes = input.subarray(1)
    if ((input[0] ?? 0) % 2 === 0) main(bytes)
    else side(bytes)
  }
}
