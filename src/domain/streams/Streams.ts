/**
 * Reliable byte streams beside SSP, as one machine for one end of a session.
 *
 * `Endpoint` composes it: it hands over what arrives, asks for packets when `deadline` is due and no state waits to be
 * sent, and numbers, encrypts and sends them. Packet numbers are those of the session's datagrams, shared with SSP. It
 * does not know which application reads or writes a stream, or what a kind means. Specification: docs/spec/streams.md.
 *
 * Unlike those of other machines, a state belongs to `step`: it is changed in place and returned, and the one that was passed
 * must not be used again. Streams hold megabytes, and a packet arrives every 100 µs; docs/decisions/0007-streams.md
 * measures the difference. The same inputs at the same times still give the same outputs.
 *
 * Memory is bounded whatever the peer does: received bytes by the windows, packets in flight by the congestion window,
 * acknowledgement ranges, gaps and streams by constants (`Limits`).
 */
import type { Machine, Millis } from "../Machine.ts"
import type { Role } from "../ssp/Role.ts"
import * as Application from "./Application.ts"
import * as Background from "./Background.ts"
import type * as CongestionControl from "./recovery/CongestionControl.ts"
import * as Copa from "./recovery/Copa.ts"
import * as Delivery from "./Delivery.ts"
import * as LossRecovery from "./recovery/LossRecovery.ts"
import * as Pacer from "./recovery/Pacer.ts"
import * as PacketBuilder from "./PacketBuilder.ts"
import * as Reception from "./Reception.ts"
import * as SendStream from "./SendStream.ts"
import * as State from "./State.ts"
import * as StreamError from "./StreamError.ts"

export type Input = ConnectionInput | ApplicationInput

/** What the endpoint reports about the session's datagrams. */
export type ConnectionInput =
  /** An authentic datagram of either kind arrived, for the first time. `payload`: its stream packet, if it is one. */
  | { readonly _tag: "Received"; readonly number: number; readonly payload: Uint8Array | undefined }
  /** A state datagram of so many bytes was sent under this number. */
  | { readonly _tag: "StateSent"; readonly number: number; readonly bytes: number }
  /**
   * The next datagram may be a stream packet, numbered `number`, of at most `limit` bytes, at least 256. The response
   * is one `Packet`, which must be sent, or none. The caller repeats this input until there is none.
   */
  | { readonly _tag: "Transmit"; readonly number: number; readonly limit: number }
  /** The user typed: streams of the last urgency give way for a while. */
  | { readonly _tag: "Typed" }
  /** Datagrams now take another path: what was measured on the former one does not hold. */
  | { readonly _tag: "PathChanged" }
  /** The host slept, or its network was gone: datagrams in flight are likely lost. */
  | { readonly _tag: "Disrupted" }

/** Requests of applications. A request for an unknown or finished stream changes nothing. */
export type ApplicationInput =
  /**
   * The response is `Opened` or `OpenRefused`. `urgency`: 0 first to 7 last, 3 if absent. `buffer`: how many bytes may
   * be unacknowledged or unsent, 16 KiB to 1 MiB, the latter if absent.
   */
  | {
      readonly _tag: "Open"
      readonly kind: number
      readonly header: Uint8Array
      readonly urgency?: number
      readonly buffer?: number
    }
  /** The response is `Written`. */
  | { readonly _tag: "Write"; readonly stream: number; readonly bytes: Uint8Array }
  /** The response is `Writable`, at once or when there is room. */
  | { readonly _tag: "AwaitRoom"; readonly stream: number }
  /** Ends the sending half once everything written has been sent. */
  | { readonly _tag: "Finish"; readonly stream: number }
  /** Abandons the sending half. */
  | { readonly _tag: "ResetSending"; readonly stream: number; readonly code: number }
  /** The response is `Data`, with at most `max` bytes. */
  | { readonly _tag: "Read"; readonly stream: number; readonly max: number }
  /** Abandons the receiving half. */
  | { readonly _tag: "StopReading"; readonly stream: number; readonly code: number }
  /** Ends all streams. */
  | { readonly _tag: "CloseAll" }

export type Output =
  /** A stream packet: the payload of the datagram that `Transmit` named. */
  | { readonly _tag: "Packet"; readonly payload: Uint8Array }
  | { readonly _tag: "Opened"; readonly stream: number }
  /** The peer does not allow another stream now, and `Openable` will follow; or the header is too long. */
  | { readonly _tag: "OpenRefused" }
  /** The peer allows more streams than before. */
  | { readonly _tag: "Openable" }
  /** The peer opened a stream. */
  | { readonly _tag: "PeerOpened"; readonly stream: number; readonly kind: number; readonly header: Uint8Array }
  /** The stream accepted this many bytes of a `Write`. If that is not all, `Writable` follows once there is room. */
  | { readonly _tag: "Written"; readonly stream: number; readonly bytes: number }
  | { readonly _tag: "Writable"; readonly stream: number }
  /** More can be read, or the end has arrived. */
  | { readonly _tag: "Readable"; readonly stream: number }
  /** The bytes read. `isEnd`: nothing follows. */
  | { readonly _tag: "Data"; readonly stream: number; readonly bytes: Uint8Array; readonly isEnd: boolean }
  /** The peer abandoned its sending half. Bytes that were not read are lost. */
  | { readonly _tag: "Reset"; readonly stream: number; readonly code: number }
  /** The peer stopped reading, so the sending half was reset. */
  | { readonly _tag: "Stopped"; readonly stream: number; readonly code: number }
  /** Both halves are over: everything written was acknowledged, or reset. */
  | { readonly _tag: "Finished"; readonly stream: number }
  /** A packet was left unprocessed and unacknowledged. */
  | { readonly _tag: "Dropped"; readonly reason: "limit" }
  /** All streams are gone. The session is not affected. */
  | { readonly _tag: "Ended"; readonly reason: StreamError.EndReason }

export interface InitialOptions {
  readonly role: Role
  readonly now: Millis
  /** `Copa` if absent. */
  readonly congestionControl?: CongestionControl.Make
}

export const init = ({ congestionControl = Copa.make, now, role }: InitialOptions): State.State =>
  State.make(role, congestionControl, now)

/** Bytes written to a stream, its opening included; 0 if the stream is unknown or finished. */
export const written = (state: State.State | undefined, stream: number): number =>
  state?.table.streams.get(stream)?.send.queue.end ?? 0

/** Bytes that a stream takes now; 0 if it is unknown or finished. */
export const room = (state: State.State | undefined, stream: number): number => {
  const send = state?.table.streams.get(stream)?.send
  return state === undefined || send === undefined ? 0 : SendStream.room(send, state.flow.sendPool)
}

/** `deadline`: when `Transmit` gives a packet, so long as datagrams can be sent at all. */
export const machine: Machine<State.State, Input, Output> = {
  step: (state, input, now) => {
    const outputs: Array<Output> = []
    switch (input._tag) {
      case "Received":
        Reception.receive(state, input.number, input.payload, now, outputs)
        break
      case "StateSent":
        LossRecovery.used(state.recovery, input.number)
        Pacer.sent(state.pacer, input.bytes, state.congestion.rate(), now)
        break
      case "Transmit": {
        const payload = PacketBuilder.build(state, input.number, input.limit, now)
        if (payload !== undefined) outputs.push({ _tag: "Packet", payload })
        break
      }
      case "Typed":
        Background.typed(state.background, now)
        break
      case "PathChanged":
        state.congestion = state.makeCongestion(now)
        restart(state, true)
        break
      case "Disrupted":
        restart(state, false)
        break
      case "CloseAll":
        State.end(state, { _tag: "Closed" }, StreamError.NO_ERROR, outputs)
        break
      default:
        Application.accept(state, input, now, outputs)
    }
    return [state, outputs]
  },
  deadline: PacketBuilder.deadline
}

const restart = (state: State.State, isNewPath: boolean): void => {
  for (const packet of LossRecovery.restart(state.recovery, isNewPath)) Delivery.sendAgain(state, packet)
}
