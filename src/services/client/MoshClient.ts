/**
 * mosh clients to embed in a program. Each is one end of a session with a mosh server, effect-mosh's or stock, and
 * needs no terminal.
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import type { SessionKey, SessionKeyError } from "../../domain/crypto/SessionKey.ts"
import type { DisplayPreference } from "../../domain/prediction/trust/DisplayPreference.ts"
import type { Counters } from "../../domain/prediction/Prediction.ts"
import type { Frame, Size } from "../../domain/terminal/Frame.ts"
import type { ScreenPosition } from "../../domain/history/ScreenPosition.ts"
import type { TerminalReport } from "../../domain/terminal/TerminalReport.ts"
import type { AttachedClient } from "../../domain/wire/streams/AttachedClients.ts"
import type { SessionEnding } from "../../domain/wire/SessionEnding.ts"
import type { OptionError } from "../runtime/OptionError.ts"
import type { HistoryEvent, SessionHistory } from "../history/SessionHistory.ts"
import type { BindError } from "../transport/Datagrams.ts"
import type { StreamHandler } from "../transport/StreamHandler.ts"
import type { Ended, StreamError, TransportStatus, TransportStreams } from "../transport/Transport.ts"

/**
 * Connects to mosh servers, effect-mosh's or stock. Its layer on Node is `NodeMoshClient.layer`.
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
     * Opens a session, without waiting for an answer of the server. Pictures and status show whether the server
     * answers. If it has never answered, the session ends after `giveUpAfter`. Closing the scope does not notify the
     * server, so the session keeps running there. Fails with `SessionKeyError` if `key` is malformed, with `BindError`
     * if `host` or `port` is invalid, or this host provides no UDP socket, and with `OptionError` if `giveUpAfter` is
     * invalid.
     */
    readonly connect: (
      options: ConnectOptions
    ) => Effect.Effect<ClientSession, BindError | OptionError | SessionKeyError, Scope.Scope>
  }
>()("effect-mosh/services/MoshClient") {}

/** Unacknowledged typed bytes above which a session asks its caller to wait. */
export const MAX_UNACKNOWLEDGED = 1_048_576

/** The default size of a screen. */
export const DEFAULT_SIZE: Size = { columns: 80, rows: 24 }

/** How to reach a session, the key to it, and how to show it. */
export interface ConnectOptions extends SessionOptions {
  /** The server's numeric IP address. */
  readonly host: string
  /** The server's UDP port, 1 to 65535. */
  readonly port: number
  /**
   * Further numeric addresses of the server, of either family, most preferred first. The client tries them, too, while `host`
   * does not answer, and uses the one that does. Default: none.
   */
  readonly addresses?: ReadonlyArray<string> | undefined
  /**
   * Resolves the server's name. Run when the server has been silent for 10 s: then the client tries the addresses that it
   * returns, too. Default: the server's addresses do not change.
   */
  readonly resolve?: Effect.Effect<ReadonlyArray<string>> | undefined
  /**
   * The session key: the 22 characters that the server printed, or the result of `SessionKey.parse`. Use a key in one
   * process and for one connection only: two datagrams encrypted with the same nonce reveal their content.
   */
  readonly key: string | SessionKey
}

/** How a session is shown. */
export interface SessionOptions {
  /** The initial size of the screen, in cells. Default: 80×24. Sizes beyond the supported range are reduced to it. */
  readonly size?: Size | undefined
  /** When to show predicted echo. Default: `never`. */
  readonly prediction?: DisplayPreference | undefined
  /** Whether to predict that typed characters overwrite. Default: learned from the program. */
  readonly predictOverwrite?: boolean | undefined
  /** Whether pictures include the notification bar. Default: yes. */
  readonly notifications?: boolean | undefined
  /** Whether the bar is drawn in colour, and otherwise in reverse video. Default: yes. */
  readonly coloredBar?: boolean | undefined
  /** How to quit, for the end of the bar's text, such as `[To quit: Ctrl-^ .]`. Default: nothing. */
  readonly quitHint?: string | undefined
  /** The bar's text after `showHelp(true)`. Default: empty. */
  readonly help?: string | undefined
  /** What follows if the server never answers, for the bar, such as `plain ssh`. Default: `giving up`. */
  readonly unanswered?: string | undefined
  /** How long to wait for the server's first answer, ms, above 0; `Infinity` for no limit. Default: 15 s. */
  readonly giveUpAfter?: number | undefined
  /**
   * How many rows that scrolled off the screen the session keeps (`ClientSession.history`), reduced to whole numbers from 0
   * to 1,000,000. With 0, the server sends none. Default: 10,000, which take about 1 MB.
   */
  readonly scrollback?: number | undefined
  /** What to do with streams that the server opens. Default: refuse them, except those of `history`. */
  readonly streamHandlers?: ReadonlyArray<StreamHandler> | undefined
  /** Whether to prefix window titles with `[mosh] `. Default: no. */
  readonly titlePrefix?: boolean | undefined
  /**
   * Whether the session reports what the user's terminal answers about itself (`ClientSession.reportTerminal`). Then a server of
   * effect-mosh waits a moment for the first report before it answers programs' queries. Default: no.
   */
  readonly reportsTerminal?: boolean | undefined
  /**
   * @internal Called with each new picture, and when `position` has changed, in the callback that delivered it, because the
   * client draws it without waiting for a fiber to run. Must not throw. `pictures` is for all others.
   */
  readonly onPicture?: ((picture: Frame) => void) | undefined
  /**
   * @internal Called with rows that scrolled off the screen, in the order in which they did. The returned effect resumes when
   * more may arrive. Must not throw. `history` is for all others.
   */
  readonly onHistory?: ((entries: ReadonlyArray<HistoryEvent>) => Effect.Effect<void>) | undefined
  /** @internal Called when `status` or `held` may have changed. Must not throw. `statuses` is for all others. */
  readonly onStatus?: (() => void) | undefined
}

/**
 * A client's session. Each stream emits the current value, then the newest after each change; it skips values that its
 * reader is too slow for, and ends with the session. Functions that return no `Effect` are synchronous, may be called
 * from any callback, and never throw.
 */
export interface ClientSession {
  /** The current picture: the server's screen, with predictions and the notification bar drawn over it. */
  readonly picture: () => Frame
  /** The current `picture`, then the newest after each change. */
  readonly pictures: Stream.Stream<Frame>
  /** The newest received screen of the server, without predictions and without the notification bar. */
  readonly screen: () => Frame
  /** The current `screen`, then the newest after each change. */
  readonly screens: Stream.Stream<Frame>
  /**
   * Where `screen` is in the session's history: which rows have scrolled off it. `undefined` until the server reports it, and
   * from servers that keep no history.
   */
  readonly position: () => ScreenPosition | undefined
  /**
   * The rows that scrolled off the server's screen, as far as they have arrived, in the server's numbers. If the server could
   * not send some in time, the rows before them are no longer kept, and `changes` reports them as `Missing`. Empty with
   * servers that keep no history.
   */
  readonly history: SessionHistory
  /** Number of received screens that differed from the one before. */
  readonly screenCount: () => number
  /**
   * Types text or bytes, encoded as a terminal sends them (CR for Enter). Input arrives complete and in order, however
   * slow the network is. Waits while 1 MiB or more is unacknowledged.
   */
  readonly type: (input: string | Uint8Array) => Effect.Effect<void>
  /**
   * Like `type`, but callable from any callback. Returns `false` if 1 MiB or more is unacknowledged; then wait for
   * `room` before typing more.
   */
  readonly typeUnsafe: (input: string | Uint8Array) => boolean
  /** Resumes when less than 1 MiB is unacknowledged. */
  readonly room: Effect.Effect<void>
  /** Number of typed bytes that the server has not acknowledged. */
  readonly held: () => number
  /**
   * Sends the terminal's size to the server. The picture changes when the server's screen does. Sizes beyond the
   * supported range are reduced to it.
   */
  readonly resize: (size: Size) => void
  /**
   * Reports what the user's terminal answered about itself, so that the server can answer programs' queries. Servers other than
   * effect-mosh receive nothing; neither does any server if the session was opened without `reportsTerminal`.
   */
  readonly reportTerminal: (report: TerminalReport) => void
  /** Shows or hides the help text in the notification bar. */
  readonly showHelp: (shown: boolean) => void
  /** Shows the state of the connection in the notification bar for 10 s, or hides it if it is shown. */
  readonly toggleStatus: () => void
  /** Shows a line that the user types in the notification bar; `undefined` hides it. */
  readonly showPrompt: (text: string | undefined) => void
  /** Shows what ssh asks the user, of one line or several, in the notification bar; `undefined` hides it. */
  readonly showQuestion: (text: string | undefined) => void
  /** Shows a message, of one line or several, in the notification bar for 5 s; `undefined` removes it. */
  readonly notify: (message: string | undefined) => void
  /** The notification bar's current text, even if the bar is not drawn; `undefined` if it has none. */
  readonly notification: () => string | undefined
  /** The current state of the connection: contact, round trip, loss, counters. */
  readonly status: () => TransportStatus
  /** The current `status`, then the newest after each change. */
  readonly statuses: Stream.Stream<TransportStatus>
  /** Reliable byte streams to and from the server, if it is effect-mosh. Otherwise they fail with `Unsupported`. */
  readonly streams: TransportStreams
  /**
   * The clients that the session has, this one among them, as the server reported last; empty until it has had more than one,
   * and from servers that do not report it. `statuses` emits when it changes. The server authenticated the addresses, but they
   * are text that must not be printed unchecked.
   */
  readonly attached: () => ReadonlyArray<AttachedClient>
  /** Number of keystrokes that were predicted, and how many of them wrongly. */
  readonly predicted: () => Counters
  /** Starts the shutdown, with `reason` in the notification bar. Resumes when the session has ended. */
  readonly shutdown: (reason?: string) => Effect.Effect<Ended>
  /** Like `shutdown`, but callable from any callback. */
  readonly shutdownUnsafe: (reason?: string) => void
  /**
   * Detaches from the session, which continues without this client: delivers everything typed, and then asks the server to
   * end this end alone. Resumes when that has ended; what is typed meanwhile is lost. Fails if the server cannot do that, as
   * stock's; then this end continues.
   */
  readonly detach: Effect.Effect<Ended, StreamError>
  /** Resumes when the session has ended, from either end. `picture` is then the server's last screen. */
  readonly ended: Effect.Effect<Ended>
  /**
   * Why the server ended the session, and the program's exit status; `undefined` before the end, and from stock
   * servers.
   */
  readonly ending: () => SessionEnding | undefined
}
