/**
 * A session shown to a client: one transport, with all that goes through it wired to the session.
 *
 * What the client types goes, translated, to the program; its window's size to the screen; the screen, and which keys
 * show in it, to the client.
 */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FiberHandle from "effect/FiberHandle"
import * as Latch from "effect/Latch"
import type * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import type { Millis } from "../../domain/Machine.ts"
import * as Lifetime from "../../domain/session/Lifetime.ts"
import * as EchoAck from "../../domain/objects/EchoAck.ts"
import * as Screen from "../../domain/objects/Screen.ts"
import { Features } from "../../domain/ssp/SyncObject.ts"
import * as Timing from "../../domain/ssp/Timing.ts"
import * as UserStream from "../../domain/objects/UserStream.ts"
import * as InputTranslation from "../../domain/terminal/InputTranslation.ts"
import type { SessionEnding } from "../../domain/wire/SessionEnding.ts"
import * as Actor from "../runtime/Actor.ts"
import * as ByteQueue from "./ByteQueue.ts"
import type { Compression } from "../transport/Compression.ts"
import type { Datagrams } from "../transport/Datagrams.ts"
import * as LatestValue from "../runtime/LatestValue.ts"
import type { PacketCipher } from "../transport/PacketCipher.ts"
import type { Session, SessionEnd } from "./Session.ts"
import * as Transport from "../transport/Transport.ts"

export interface SessionTransport {
  readonly status: () => Transport.TransportStatus
  /** `status`, now and whenever something in it changed. */
  readonly statuses: Stream.Stream<Transport.TransportStatus>
  readonly contact: () => Contact | undefined
  /** Ends as SIGTERM does. */
  readonly terminate: () => void
  /** Ends as SIGUSR1 does. */
  readonly hangUpIfIdle: () => void
  /** Resumes when the transport is through, or given up. */
  readonly ended: Effect.Effect<Lifetime.Why>
}

/** The last that was heard of a client. */
export interface Contact {
  /** How long ago it was heard, ms. */
  readonly age: Millis
  /** Its numeric address and port then. */
  readonly from: string
}

/**
 * Of the window's sizes that come at once, so many are taken on, the newest: nobody saw the others, and a large screen
 * takes milliseconds to make.
 */
const SIZES_AT_ONCE = 16

/** How long before a screen goes its last changes are taken on, ms. */
const LAST_LOOK = 2

/** Shows `session` to whoever has the key, from the screen it has now; its program starts when a client is there. */
export const attach = Effect.fnUntraced(function* (
  session: Session,
  limits: Lifetime.Limits
): Effect.fn.Return<SessionTransport, never, Scope.Scope | Datagrams | PacketCipher | Compression> {
  const now = yield* Actor.millis
  const over = yield* Deferred.make<Lifetime.Why>()
  const shuttingDown = yield* Latch.make(false)
  const statuses = LatestValue.make<Transport.TransportStatus>(() => transport.status())

  const echo = yield* Actor.spawn<EchoAck.State, EchoAck.Input, EchoAck.Output>({
    machine: EchoAck.machine,
    initial: EchoAck.initial,
    tick: { _tag: "Tick" },
    perform: () => publish()
  })

  const keyboard = yield* Actor.spawn<InputTranslation.State, InputTranslation.Input, InputTranslation.Output>({
    machine: InputTranslation.machine,
    initial: InputTranslation.initial,
    tick: { _tag: "Tick" },
    perform: session.type
  })

  const lifetime = yield* Actor.spawn<Lifetime.State, Lifetime.Input, Lifetime.Output>({
    machine: Lifetime.machine,
    initial: Lifetime.initial(limits, now()),
    tick: { _tag: "Tick" },
    perform: (output, { because }) => {
      if (output._tag === "Shutdown") {
        if (because === "Terminated" || because === "HungUp" || because === "ClientSilent") explain(because)
        shuttingDown.openUnsafe()
      } else {
        statuses.changed()
        statuses.end()
        Deferred.doneUnsafe(over, Effect.succeed(output.why))
      }
    }
  })

  const lookForAnswer = yield* FiberHandle.runtime(yield* FiberHandle.make<void>())()
  const answered = Effect.andThen(
    Effect.sleep(Timing.ANSWER_SOON - LAST_LOOK),
    Effect.sync(() => publish())
  )

  /** The client's stream as far as it has been acted on. */
  let seen = UserStream.EMPTY

  /** Where the client was when it was last heard. The transport forgets it when the client has been silent. */
  let from = ""

  const onRemote = (remote: Transport.Numbered<UserStream.UserStream>): void => {
    lifetime.offer({ _tag: "Heard" })
    from = transport.status().peer ?? from
    const events = UserStream.since(remote.state, seen)
    seen = remote.state
    const sizes = events.filter(({ _tag }) => _tag === "Resize").length
    let size = 0
    // Keys that only sizes separate of which none is made are typed at once.
    const typed = ByteQueue.make()
    const type = (): void => {
      while (typed.length() > 0) {
        const bytes = typed.head()
        keyboard.offer({ _tag: "Typed", bytes, applicationCursorKeys: session.applicationCursorKeys() })
        typed.drop(bytes.length)
      }
    }
    events.forEach((event, i) => {
      if (event._tag === "Keys") typed.push(event.bytes)
      else if (++size > sizes - SIZES_AT_ONCE && events[i + 1]?._tag !== "Resize") {
        type()
        session.resize(event.size)
      }
    })
    type()
    session.start()
    // Its answer will not wait for the turn of what is printed anyway.
    if (events.length > 0 && transport.wait() > 0) lookForAnswer(answered)
    if (events.length > 0) echo.offer({ _tag: "Delivered", number: remote.number })
  }

  const transport: Transport.Transport<Screen.Screen, UserStream.UserStream> = yield* Transport.make({
    role: "Server",
    local: { object: Screen.object, initial: Screen.blank(session.frame().size) },
    remote: { object: UserStream.object, initial: UserStream.EMPTY },
    features: Features.frames | Features.copies | Features.endings,
    minDelay: Timing.MIN_DELAY_SERVER,
    events: { onRemote, onStatus: () => onStatus() }
  })

  let ending: SessionEnding | undefined
  const publish = (): void =>
    transport.publish({
      frame: session.frame(),
      echoAck: echo.state().acknowledged,
      ...(ending !== undefined && { ending })
    })

  /** The last screen carries the reason: it arrives with the shutdown. */
  const explain = (why: SessionEnding["why"]): void => {
    ending = { why, status: ending?.status }
    publish()
  }

  /** Whether there is anybody to see the screen: a client that was silent for long is not. */
  let isSeen = false
  const onStatus = (): void => {
    const { attached } = transport.status()
    if (attached && !isSeen) publish()
    isSeen = attached
    statuses.changed()
  }

  // A screen that waits for its turn is looked at twice: when it changes, and shortly before it goes.
  yield* session.watch(() => {
    if (!isSeen) return
    publish()
    return transport.wait() - LAST_LOOK
  })
  yield* Effect.forkScoped(
    Effect.gen(function* () {
      ending = programEnding(yield* session.ended)
      // Its last words are sent with the shutdown.
      publish()
      lifetime.offer({ _tag: "ProgramEnded" })
    })
  )
  yield* Effect.forkScoped(Effect.andThen(shuttingDown.await, transport.shutdown))
  yield* Effect.forkScoped(
    Effect.andThen(
      transport.ended,
      Effect.sync(() => lifetime.offer({ _tag: "TransportEnded" }))
    )
  )

  return {
    status: transport.status,
    statuses: statuses.stream,
    contact: () => {
      const { lastHeard } = transport.status()
      return lastHeard === -Infinity ? undefined : { age: now() - lastHeard, from }
    },
    terminate: () => lifetime.offer({ _tag: "Terminate", attached: transport.status().attached }),
    hangUpIfIdle: () => lifetime.offer({ _tag: "HangupIdle" }),
    ended: Deferred.await(over)
  }
})

const programEnding = (end: SessionEnd): SessionEnding => {
  const isKilled = end._tag === "Exited" && end.exit.signal > 0
  const why = isKilled ? "ProgramKilled" : end._tag === "NotStarted" ? "ProgramNotStarted" : "ProgramEnded"
  return { why, status: exitStatus(end) }
}

/** As a shell has it: 128 + N after signal N, 127 for a program that could not be started. */
const exitStatus = (end: SessionEnd): number => {
  switch (end._tag) {
    case "Exited":
      return (end.exit.signal === 0 ? end.exit.code : 128 + end.exit.signal) & 0xff
    case "Finished":
      return Exit.isSuccess(end.exit) ? 0 : 1
    case "NotStarted":
      return 127
  }
}
