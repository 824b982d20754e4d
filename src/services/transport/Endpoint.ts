/**
 * Runs the endpoint machine of a session: sends and receives datagrams, keeps one timer, and reports all other events.
 *
 * The service has a default, so it needs no layer. It is not exported: tests replace it to observe the protocol of every
 * `Transport` made in their scope.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Millis } from "../../domain/Machine.ts"
import * as EndpointIds from "../../domain/ssp/EndpointIds.ts"
import type { Candidate } from "../../domain/ssp/path/ClientPaths.ts"
import * as Machine from "../../domain/ssp/Endpoint.ts"
import type { Role } from "../../domain/ssp/Role.ts"
import type { Features, SyncObject } from "../../domain/ssp/SyncObject.ts"
import * as Actor from "../runtime/Actor.ts"
import { Compression } from "./Compression.ts"
import {
  type Address,
  Datagrams,
  type Family,
  familyOf,
  isLoopback,
  isRelay,
  sameAddress,
  type SocketTrouble
} from "./Datagrams.ts"
import { PacketCipher } from "./PacketCipher.ts"
import * as Turns from "../runtime/Turns.ts"

/** A running endpoint. */
export interface Endpoint<Local, Remote> {
  /** Steps the machine. Synchronous; callable from any callback; ignored once the scope is closed. */
  readonly offer: (input: Machine.Input<Address, Local>) => void
  readonly state: () => Machine.State<Address, Local, Remote>
  /** Receives while the scope is open. */
  readonly listen: Effect.Effect<void, never, Scope.Scope>
}

export interface EndpointOptions<Local, Remote> {
  readonly role: Role
  /** What each direction synchronises, and its state number 0. */
  readonly local: { readonly object: SyncObject<Local>; readonly initial: Local }
  readonly remote: { readonly object: SyncObject<Remote>; readonly initial: Remote }
  /** What this end understands beyond stock mosh. */
  readonly features: Features
  /** How long a new local state waits for more changes, ms. */
  readonly minDelay: Millis
  /** Composes the schedule of the machine's timer. */
  readonly wake: Actor.WakeSchedule | undefined
  readonly events: EndpointEvents<Remote>
}

/** What the machine reports. Sending, and opening and closing sockets, stay inside the endpoint. */
export type Event<Remote> = Exclude<
  Machine.Output<Address, Remote>,
  { readonly _tag: "Send" | "OpenSocket" | "CloseSocket" | "LookUp" | "LargeReceived" | "BlockReached" }
>

/** Called synchronously, in order. None may throw. */
export interface EndpointEvents<Remote> {
  readonly onEvent: (event: Event<Remote>) => void
  /** A datagram arrived, authentic or not. Comes before the events that it causes. */
  readonly onReceived: () => void
  /** All events that a datagram caused have been reported. */
  readonly onHandled: () => void
  /** A datagram left this host; `isCurrent`: on the path that the session uses. */
  readonly onSent: (isCurrent: boolean) => void
  /** A socket could not send, receive or be opened. Not called for paths that the session does not use. */
  readonly onTrouble: (trouble: SocketTrouble) => void
}

export const make = Effect.fnUntraced(function* <Local, Remote>(
  options: EndpointOptions<Local, Remote>
): Effect.fn.Return<Endpoint<Local, Remote>, never, Compression | Datagrams | PacketCipher | Scope.Scope> {
  const { events, local, minDelay, remote, role } = options
  const datagrams = yield* Datagrams
  const cipher = yield* PacketCipher
  const compressor = yield* Compression
  const now = yield* Actor.millis
  const features = EndpointIds.announced(role, options.features, {
    hasIds: cipher.connectionId !== undefined,
    isShared: datagrams.blockReached !== undefined
  })
  /** Whether the current datagram is a packet that is newer than all before. */
  let isNews = false

  const actor = yield* Actor.spawn<
    Machine.State<Address, Local, Remote>,
    Machine.Input<Address, Local>,
    Machine.Output<Address, Remote>
  >({
    machine: Machine.machine({
      role,
      addressEquals: sameAddress,
      isLoopback,
      familyOf,
      local: local.object,
      remote: remote.object,
      cipher,
      compressor
    }),
    initial: Machine.init({
      role,
      local: local.initial,
      remote: remote.initial,
      features,
      minDelay,
      attached: datagrams.peers().length > 0,
      ...candidatesOf(datagrams),
      now: now()
    }),
    tick: { _tag: "Tick" },
    wake: options.wake,
    perform: (output) => {
      switch (output._tag) {
        case "Send": {
          if (output.to !== undefined) datagrams.send(output.socket, output.to, output.datagram)
          return
        }
        case "OpenSocket":
          return datagrams.open(output.socket)
        case "CloseSocket":
          return datagrams.close(output.socket)
        case "LookUp":
          return datagrams.lookUp?.()
        case "BlockReached":
          return datagrams.blockReached?.(output.block)
        case "LargeReceived":
          return turns.rest()
        case "PacketReceived":
          isNews = true
          return events.onEvent(output)
        default:
          return events.onEvent(output)
      }
    }
  })

  const turns = yield* Turns.make((datagram: Machine.Input<Address, Local>) => {
    actor.offer(datagram)
    events.onHandled()
  })

  const isCurrent = (to: Address | undefined): boolean => {
    const { current } = actor.state().connection.clientPaths
    return to === undefined || current === undefined || sameAddress(to, current.address)
  }

  const listen = datagrams.receive({
    onDatagram: (datagram, source, socket, congested) => {
      events.onReceived()
      isNews = false
      turns.offer({ _tag: "Datagram", datagram, source, socket, congested })
      return isNews
    },
    onSent: (to) => events.onSent(isCurrent(to)),
    onTrouble: (trouble) => {
      if (!isCurrent(trouble.to)) return
      if (trouble.kind === "MessageTooLarge") {
        // A probe of a larger size was refused: that is an answer, not an error.
        const isProbe = (trouble.bytes ?? 0) > actor.state().mtu.size
        actor.offer({ _tag: "TooLarge", bytes: trouble.bytes })
        if (isProbe) return
      }
      if (trouble.kind === "ConnectionRefused") actor.offer({ _tag: "Refused", from: trouble.to })
      events.onTrouble(trouble)
    },
    onDisrupted: () => actor.offer({ _tag: "PathChanged" }),
    onPeers: () => actor.offer({ _tag: "Candidates", ...candidatesOf(datagrams) })
  })

  return { ...actor, listen }
})

/** What the machine knows of a client's peers. Datagrams must fit all of them. */
const candidatesOf = ({
  family,
  peers
}: Datagrams["Service"]): { readonly candidates: ReadonlyArray<Candidate<Address>>; readonly family: Family } => {
  const addresses = peers()
  return {
    candidates: addresses.map((address) => ({ address, isRelay: isRelay(address) })),
    family: addresses.some((address) => familyOf(address) === "IPv6") ? "IPv6" : family
  }
}

export const Endpoint: Context.Reference<{ readonly make: typeof make }> = Context.Reference(
  "effect-mosh/services/Endpoint",
  { defaultValue: () => ({ make }) }
)
