/**
 * mosh clients for embedding: each is one end of a session with a mosh server, ours or stock, without a terminal.
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import type { SessionKey, SessionKeyError } from "../../domain/crypto/SessionKey.ts"
import type { DisplayPreference } from "../../domain/prediction/DisplayPreference.ts"
import type { Counters } from "../../domain/prediction/Prediction.ts"
import type { Frame, Size } from "../../domain/terminal/Frame.ts"
import type { SessionEnding } from "../../domain/wire/SessionEnding.ts"
import type { BindError } from "../transport/Datagrams.ts"
import type { Ended, TransportStatus } from "../transport/Transport.ts"

/**
 * Joins sessions, ours or stock's. Its layer on Node is `NodeMoshClient.layer`.
 *
 * ```ts
 * import { Effect, Stream } from "effect"
 * import { Frame, MoshClient } from "effect-mosh"
 *
 * export const watch = Effect.gen(function* () {
 *   const mosh = yield* MoshClient
 *   const session = yield* mosh.connect({ host: "127.0.0.1", port: 60001, key: process.env["MOSH_KEY"] ?? "" })
 *   yield* session.type("uname\r")
 *   yield* Stream.runForEach(session.pictures, (picture) => Effect.log(Frame.lines(picture)))
 * })
 * ```
 */
export class MoshClient extends Context.Service<
  MoshClient,
  {
    /**
     * Opens a session. Nothing is waited for: whether the server answers shows in the pictures and the status, and a
     * server that was never heard is given up after a while (`giveUpAfter`). Closing the scope leaves without telling the
     * server: it keeps the session. Fails with `SessionKeyError` when `key` is malformed, and with `BindError` when `host`
     * or `port` is none or this host gives no UDP socket.
     */
    readonly connect: (
      options: ConnectOptions
    ) => Effect.Effect<ClientSession, BindError | SessionKeyError, Scope.Scope>
  }
>()("effect-mosh/services/MoshClient") {}

/** Bytes that a session holds, typed and unacknowledged, before it asks to type no more. */
export const HELD = 1_048_576

/** The size of a screen for which nobody asks for another. */
export const DEFAULT_SIZE: Size = { columns: 80, rows: 24 }

/** Where a session is, what opens it, and how it is shown. */
export interface ConnectOptions extends SessionOptions {
  /** The server's IP address, numeric. */
  readonly host: string
  /** The server's UDP port, 1 to 65535. */
  readonly port: number
  /**
   * The session's key: the 22 characters that the server printed, or what `SessionKey.parse` made of them. Never use one
   * key in two processes, or twice: two datagrams under one number would tell what they hold.
   */
  readonly key: string | SessionKey
}

/** How a session is shown. */
export interface SessionOptions {
  /** The size of the screen, in cells; 80×24 without it. Sizes that no screen has are cut to ones that some have. */
  readonly size?: Size | undefined
  /** When predicted echo is shown; `never` without it. */
  readonly prediction?: DisplayPreference | undefined
  /** Whether typing is predicted to replace what it is typed over; without it that is learned from the program. */
  readonly predictOverwrite?: boolean | undefined
  /** Whether pictures carry the notification bar; without it they do. */
  readonly notifications?: boolean | undefined
  /** Whether the bar is drawn in colours; without it it is. Else it is drawn in reverse video. */
  readonly coloredBar?: boolean | undefined
  /** What the bar's words say about keys, if the embedding program has such. */
  readonly quitHint?: string | undefined
  /** What the bar reads after `showHelp`. */
  readonly help?: string | undefined
  /** What the bar announces while a server was never heard, such as `plain ssh`; `giving up` without it. */
  readonly unanswered?: string | undefined
  /** ms after which a server that was never heard is given up; 15 s without it. */
  readonly giveUpAfter?: number | undefined
  /** Whether window titles get `[mosh] ` before them; without it they do not. */
  readonly titlePrefix?: boolean | undefined
  /** Called with each new picture, in the callback that brought it: for those who must not lose a moment. Must not throw. */
  readonly onPicture?: ((picture: Frame) => void) | undefined
  /** Called when `status` or `held` may have changed. Must not throw. */
  readonly onStatus?: (() => void) | undefined
}

/**
 * A client's session. Its streams give what is now, and then the newest after each change that the reader is not too slow
 * for; they end with the session. The functions that give no `Effect` are synchronous, callable from any callback, and never
 * throw.
 */
export interface ClientSession {
  /** What a person should see now: the server's screen, and what mosh draws over it. */
  readonly picture: () => Frame
  /** `picture`, now and as it changes. */
  readonly pictures: Stream.Stream<Frame>
  /** What the server's screen shows, as far as it was heard: without predictions, and without the notification bar. */
  readonly screen: () => Frame
  /** `screen`, now and as it changes. */
  readonly screens: Stream.Stream<Frame>
  /** How many screens came from the server that differed from the one before. */
  readonly screenCount: () => number
  /**
   * Types text or bytes, as a terminal sends them (CR for Enter); in order, whole, however slow the network. Waits while the
   * session holds all it may (1 MiB).
   */
  readonly type: (input: string | Uint8Array) => Effect.Effect<void>
  /** As `type`, from any callback: `false` when the session holds all it may. Then type no more before `room` resumes. */
  readonly typeUnsafe: (input: string | Uint8Array) => boolean
  /** Resumes when the session holds less than it may. */
  readonly room: Effect.Effect<void>
  /** Bytes that were typed and not acknowledged yet. */
  readonly held: () => number
  /** Tells the server the terminal's size; the picture follows when it answers. */
  readonly resize: (size: Size) => void
  /** Shows or hides the help text in the notification bar. */
  readonly showHelp: (shown: boolean) => void
  /** Shows in the notification bar how the session fares, for 10 s; hides it when it is shown. */
  readonly toggleStatus: () => void
  /** What the notification bar reads now, also where it is not drawn; `undefined` when there is nothing to tell. */
  readonly notification: () => string | undefined
  /** How the connection fares: contact, round trip, loss, counters. */
  readonly status: () => TransportStatus
  /** `status`, now and whenever something in it changed that a person may want to see. */
  readonly statuses: Stream.Stream<TransportStatus>
  /** How many keys were shown before the server showed them, and how many of those otherwise than it then did. */
  readonly predicted: () => Counters
  /** Starts the shutdown, and says why in the notification bar. Resumes when the session has ended. */
  readonly shutdown: (why?: string) => Effect.Effect<Ended>
  /** As `shutdown`, from any callback. */
  readonly shutdownUnsafe: (why?: string) => void
  /** Resumes when the session has ended, whoever ended it. Then the picture is the server's last screen. */
  readonly ended: Effect.Effect<Ended>
  /** How the server ended the session, and with which exit status; `undefined` before, and from stock servers. */
  readonly ending: () => SessionEnding | undefined
}
