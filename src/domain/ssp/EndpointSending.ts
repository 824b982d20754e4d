/**
 * What an `Endpoint` sends: instructions are encoded once, and datagrams sealed, in the order of their packet numbers.
 */
import * as Nonce from "../crypto/Nonce.ts"
import * as Instruction from "../wire/Instruction.ts"
import * as InstructionContents from "../wire/InstructionContents.ts"
import { drop, inform, seal, type Step, stepConnection } from "./EndpointStep.ts"
import * as EndpointMtu from "./EndpointMtu.ts"
import * as EndpointStreams from "./EndpointStreams.ts"
import type { Sent } from "./path/PathMtu.ts"
import * as Sender from "./sender/Sender.ts"
import { Features } from "./SyncObject.ts"

/** Sends an instruction on every path. */
export const transmit = <Address, Local, Remote>(
  step: Step<Address, Local, Remote>,
  instruction: Instruction.Instruction
): void => {
  const contents = encode(step, instruction)
  if (contents === undefined) return drop(step, "sending", "limit")
  EndpointMtu.beforeInstruction(step)
  const datagrams: Array<Sent> = []
  let first: Address | undefined
  let isCopied = false
  for (const output of stepConnection(step, { _tag: "Transmit", contents })) {
    switch (output._tag) {
      case "Datagram": {
        const sent = { number: Number(Nonce.sequence(output.nonce)), bytes: seal(step, output) }
        EndpointStreams.stateSent(step, sent.number, sent.bytes)
        datagrams.push(sent)
        if (datagrams.length === 1) first = output.to
        else if (output.to !== first) isCopied = true
        break
      }
      case "Attached":
        step.outputs.push(output)
        inform(step, output)
        break
      case "OpenSocket":
        step.outputs.push(output, { _tag: "Roamed" })
        break
      case "CloseSocket":
      case "LookUp":
      case "Roamed":
        step.outputs.push(output)
        break
      case "Dropped":
        drop(step, "sending", output.reason)
        break
      case "KeyExhausted":
        step.ended = "KeyExhausted"
        break
      case "PacketReceived":
      case "Moved":
      case "Numbered":
      case "Deliver":
      case "RoundTrip":
        break
    }
  }
  EndpointMtu.instructionSent(step, instruction, datagrams, isCopied)
}

/** The same instruction is sent again as the same bytes (spec 3.2). */
const encode = <Address, Local, Remote>(
  step: Step<Address, Local, Remote>,
  instruction: Instruction.Instruction
): Uint8Array | undefined => {
  const { state } = step
  if (state.encoded?.instruction === instruction) return state.encoded.contents
  const { cipher, compressor } = step.parts
  const isUncompressed = Sender.areNegotiated(state.sender, Features.uncompressed)
  const bytes = Instruction.encode(instruction, cipher.chaff())
  const contents = InstructionContents.encode(bytes, isUncompressed, compressor.deflate)
  state.encoded = contents === undefined ? undefined : { instruction, contents }
  return contents
}
