/**
 * Runs the attachments of a session: its listeners, each with a port, a key and a client of its own.
 */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as Machine from "../../domain/session/Attachments.ts"
import type { EndReason, Limits } from "../../domain/session/Lifetime.ts"
import * as SharedFocus from "../../domain/session/SharedFocus.ts"
import * as SharedScreen from "../../domain/session/SharedScreen.ts"
import type { Millis } from "../../domain/Machine.ts"
import type { AttachedClient } from "../../domain/wire/streams/AttachedClients.ts"
import { StreamKind } from "../../domain/streams/StreamKind.ts"
import * as Actor from "../runtime/Actor.ts"
import * as LatestValue from "../runtime/LatestValue.ts"
import type { OptionError } from "../runtime/OptionError.ts"
import type { BindError } from "../transport/Datagrams.ts"
import type { StreamHandler } from "../transport/StreamHandler.ts"
import type { TransportStatus } from "../transport/Transport.ts"
import type { Listening, ListenOptions } from "./MoshServer.ts"
import * as ClientReports from "./ClientReports.ts"
import * as Seat from "./Seat.ts"
import type { Session } from "./Session.ts"
import type { Contact } from "./SessionTransport.ts"

/** When a session with attachments ends, besides the end of its program. */
export interface AttachmentsOptions {
  /** Whether the session continues when its client leaves. Default: no; then it continues only after a detach. */
  readonly persistent?: boolean | undefined
  /** How long to wait for absent clients, see `ListenOptions.limits`; of the session while it has no attachment, too. */
  readonly limits?: Partial<Limits> | undefined
  /**
   * What to do with streams that a client opens, unless `admit` is called with others. Default: refuse them. Those of viewers
   * are refused.
   */
  readonly streamHandlers?: ReadonlyArray<StreamHandler> | undefined
  /** What the session is called, see `ListenOptions.name`. */
  readonly name?: string | undefined
}

/** Where to listen for one more client, and what that client may do. */
export interface AdmitOptions extends ListenOptions {
  /**
   * `TakeOver` (default): when the client connects, it replaces those admitted before, viewers too. `Share`: it types beside
   * the others, and the screen has the size of the client whose user typed last. `View`: it watches; what it sends has no
   * effect on the session.
   */
  readonly mode?: Machine.Mode | undefined
}

/** One listener of the session, and its client. */
export interface Attachment {
  /** Its number, from 1, in the order of admission. */
  readonly id: number
  /** What its client may do. */
  readonly mode: Machine.Mode
  /** Whether the screen has the size of its client's terminal. */
  readonly leads: boolean
  /** The UDP port of its listener. */
  readonly port: number
  /** `Pending`: its client has not connected. `Closing`: nothing its client sends has an effect any more. */
  readonly phase: Machine.Phase
  /** The last contact with its client; `undefined` before the first. */
  readonly contact: Contact | undefined
  /** The state of its connection. */
  readonly status: TransportStatus
}

/** A listener for one more client. */
export interface Admitted {
  /** The attachment's number. */
  readonly id: number
  /** The UDP port of its listener. */
  readonly port: number
  /** The session key, as 22 characters of base64. Anyone with it can act as the client. */
  readonly key: string
}

/** The attachments of a session. Functions that return no `Effect` are synchronous and never throw. */
export interface Attachments {
  /** The attachments now, oldest first. */
  readonly list: () => ReadonlyArray<Attachment>
  /** The current `list`, then the newest after each change. Ends with the session. */
  readonly changes: Stream.Stream<ReadonlyArray<Attachment>>
  /**
   * Admits one more client, with a port and key of its own. When a client connects that takes over, those admitted before are
   * closed, and learn its address. A client that does not connect within a minute replaces no other. At most 4 clients are
   * awaited, and at most 16 attached: a further one takes the place of the oldest.
   */
  readonly admit: (options?: AdmitOptions) => Effect.Effect<Admitted, BindError | OptionError>
  /** Closes an attachment: its client detaches, and the session continues. Does nothing if there is none with this id. */
  readonly close: (id: number) => void
  /** Whether the session has a client, and for how long it has had one or none, ms. */
  readonly attached: () => { readonly attached: boolean; readonly age: Millis }
  /** The last contact with any client, also of attachments that have ended; `undefined` before the first. */
  readonly contact: () => Contact | undefined
  /** The connection of the newest attachment, or of the last one that ended; `undefined` before the first. */
  readonly status: () => TransportStatus | undefined
  /** Ends the session as SIGTERM ends `mosh-server`: clients are notified. A second call does not wait for them. */
  readonly terminate: () => void
  /** Ends the session as SIGUSR1 ends `mosh-server`: only if it had no client for `limits.signal`. */
  readonly hangUpIfIdle: () => void
  /** Resumes with the reason when the session is over and its attachments have ended. */
  readonly ended: Effect.Effect<EndReason>
}

/** Makes a listener of a session; it lives as long as the scope. */
type Listen = (
  session: Session,
  options: ListenOptions
) => Effect.Effect<Listening, BindError | OptionError, Scope.Scope>

/** The attachments of `session`, none at first. They end with the scope. */
export const make = Effect.fnUntraced(function* (
  session: Session,
  listen: Listen,
  options: AttachmentsOptions = {}
): Effect.fn.Return<Attachments, never, Scope.Scope> {
  const now = yield* Actor.millis
  const scope = yield* Effect.scope
  const over = yield* Deferred.make<EndReason>()
  const listeners = new Map<number, Listening>()
  let screen = SharedScreen.initial
  let focus = SharedFocus.initial
  const changes = LatestValue.make<ReadonlyArray<Attachment>>(() => list())
  let newest = 0
  /** The last contact with a client of an attachment that has ended. */
  let last: { readonly at: Millis; readonly from: string } | undefined
  let lastStatus: TransportStatus | undefined

  const change = (input: SharedScreen.Input): void => {
    const [next, outputs] = SharedScreen.step(screen, input)
    screen = next
    for (const output of outputs) {
      switch (output._tag) {
        case "Resize":
          session.resize(output.size)
          break
        case "Answer":
          session.reportTerminal(output.report)
          break
        case "Join":
          session.joinClusters(output.rules)
      }
    }
  }

  const actor = yield* Actor.spawn<Machine.State, Machine.Input, Machine.Output>({
    machine: Machine.machine,
    initial: Machine.initial(
      {
        persistent: options.persistent ?? false,
        network: options.limits?.network ?? Infinity,
        signal: options.limits?.signal ?? 0
      },
      now()
    ),
    tick: { _tag: "Tick" },
    perform: (output) => {
      switch (output._tag) {
        case "Close": {
          const { reason } = output
          return listeners.get(output.id)?.close(reason._tag, reason._tag === "TakenOver" ? reason.from : undefined)
        }
        case "Lead":
          return change({ _tag: "Led", id: output.id })
        case "Terminate":
          return listeners.get(output.id)?.terminate()
        case "HangUpIfIdle":
          return listeners.get(output.id)?.hangUpIfIdle()
        case "Over":
          changes.end()
          Deferred.doneUnsafe(over, Effect.succeed(output.because))
      }
    }
  })

  const offer = (input: Machine.Input): void => {
    actor.offer(input)
    changes.changed()
  }

  const list = (): ReadonlyArray<Attachment> =>
    actor.state().attachments.flatMap(({ id, mode, phase }) => {
      const listening = listeners.get(id)
      if (listening === undefined) return []
      const leads = actor.state().leader === id
      return [
        { id, mode, phase, leads, port: listening.port, contact: listening.contact(), status: listening.status() }
      ]
    })

  /** The session for a client. Its first state is reported at once, so that its size applies before its program starts. */
  const seat = (id: number, mode: Machine.Mode): Session => {
    let hasConnected = false
    return Seat.make(session, mode, {
      onContact: () => {
        if (hasConnected) return
        hasConnected = true
        change({ _tag: "Connected", id, mode })
        offer({ _tag: "Connected", id, from: addressOf(listeners.get(id)) })
      },
      onTyped: () => {
        // Saves a step and a list for each keystroke.
        if (actor.state().leader !== id) offer({ _tag: "Typed", id })
      },
      onInput: (bytes, isTyped) => {
        // The input of a single client passes in any mode: that saves a frame for each keystroke.
        const isReported = listeners.size === 1 || session.frame().modes.focus
        const [next, passed] = SharedFocus.read(focus, { id, bytes, isTyped, isReported })
        focus = next
        return passed
      },
      onSize: (size) => change({ _tag: "Sized", id, size }),
      onExpected: () => change({ _tag: "Announced", id }),
      onTerminal: (report) => change({ _tag: "Reported", id, report })
    })
  }

  /** The clients, as they are reported to one of them. */
  const clientsOf = (attachments: ReadonlyArray<Attachment>, own: number): ReadonlyArray<AttachedClient> =>
    attachments
      .filter(({ phase }) => phase === "Attached")
      .map(({ id, leads, mode }) => ({
        from: addressOf(listeners.get(id)),
        isOwn: id === own,
        isViewer: mode === "View",
        leads
      }))

  const watch = (id: number, listening: Listening) =>
    Effect.gen(function* () {
      yield* ClientReports.send(
        Stream.map(changes.stream, (attachments) => clientsOf(attachments, id)),
        listening.streams
      ).pipe(Effect.ignore, Effect.forkScoped)
      // The client asks to detach by a stream without content.
      yield* listening.streams.accept(StreamKind.detach).pipe(
        Stream.runForEach((stream) =>
          Effect.andThen(
            stream.finish,
            Effect.sync(() => offer({ _tag: "Detach", id }))
          )
        ),
        Effect.ignore,
        Effect.forkScoped
      )
      const because = yield* listening.ended
      const contact = listening.contact()
      if (contact !== undefined) last = { at: now() - contact.age, from: contact.from }
      lastStatus = listening.status()
      listeners.delete(id)
      change({ _tag: "Ended", id })
      focus = SharedFocus.forget(focus, id)
      offer({ _tag: "Ended", id, because })
    })

  yield* Effect.forkScoped(
    Effect.andThen(
      session.ended,
      Effect.sync(() => offer({ _tag: "ProgramEnded" }))
    )
  )

  return {
    list,
    changes: changes.stream,
    admit: Effect.fn("Attachments.admit")(function* ({ mode = "TakeOver", ...listenOptions }: AdmitOptions = {}) {
      const own = yield* Scope.fork(scope)
      const id = ++newest
      offer({ _tag: "Admitted", id, mode })
      const listening = yield* listen(seat(id, mode), {
        limits: options.limits,
        name: options.name,
        streamHandlers: mode === "View" ? [] : options.streamHandlers,
        ...listenOptions
      }).pipe(
        Scope.provide(own),
        Effect.onError((cause) =>
          Effect.andThen(
            Scope.close(own, Exit.failCause(cause)),
            Effect.sync(() => offer({ _tag: "Failed", id }))
          )
        )
      )
      listeners.set(id, listening)
      changes.changed()
      if (actor.state().attachments.find((one) => one.id === id)?.phase === "Closing") listening.close("Detached")
      yield* Effect.scoped(watch(id, listening)).pipe(
        Effect.ensuring(Scope.close(own, Exit.void)),
        Effect.forkIn(scope)
      )
      return { id, port: listening.port, key: listening.key }
    }),
    close: (id) => offer({ _tag: "Detach", id }),
    attached: () => ({ attached: actor.state().attached, age: now() - actor.state().since }),
    contact: () =>
      [...list().flatMap(({ contact }) => contact ?? []), ...(last === undefined ? [] : [aged(last, now())])].toSorted(
        (one, other) => one.age - other.age
      )[0],
    status: () => list().at(-1)?.status ?? lastStatus,
    terminate: () => offer({ _tag: "Terminate" }),
    hangUpIfIdle: () => offer({ _tag: "HangUpIfIdle" }),
    ended: Deferred.await(over)
  }
})

const aged = ({ at, from }: { readonly at: Millis; readonly from: string }, now: Millis): Contact => ({
  age: now - at,
  from
})

/** The numeric address of the listener's client, without its port. */
const addressOf = (listening: Listening | undefined): string =>
  (listening?.contact()?.from ?? "").replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1")
