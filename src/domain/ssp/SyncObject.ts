/**
 * A value that SSP can keep in step between two hosts.
 *
 * SSP never sends the object itself, only differences between two of its states, applied to a state the other side is
 * known to hold. `Sender` and `Receiver` are generic in this interface and know nothing else of what they carry; stock
 * mosh has two such objects, `UserStream` and `Screen`.
 *
 * Laws, for all states `a`, `b` that occur in a session and any peer features `f`:
 *
 * - `patch(a, diff(a, b, f))` succeeds and is `b`, as far as a peer with features `f` can represent it;
 * - `diff(a, a, f)` is empty;
 * - `equals` is an equivalence; it may be finer than what `diff` shows;
 * - subtracting the same acknowledged prefix from two states does not change the difference between them.
 *
 * Every function is total. Sources: spec 5.2, 7. `SyncObjectLaws` of `effect-mosh/testing` checks them.
 *
 * ```ts
 * import { Result } from "effect"
 * import type { SyncObject } from "effect-mosh"
 *
 * // A text that is always sent whole.
 * export const text: SyncObject<string> = {
 *   equals: (a, b) => a === b,
 *   diff: (base, target) => (base === target ? new Uint8Array() : new TextEncoder().encode(JSON.stringify(target))),
 *   patch: (_, diff) => {
 *     try {
 *       return Result.succeed(String(JSON.parse(new TextDecoder().decode(diff))))
 *     } catch {
 *       return Result.fail("no text")
 *     }
 *   },
 *   subtract: (state) => state
 * }
 * ```
 */
import type * as Result from "effect/Result"

export interface SyncObject<State> {
  /** Whether two states are the same. */
  readonly equals: (a: State, b: State) => boolean
  /** The bytes that turn `base` into `target` at a peer; empty when there is nothing to send. */
  readonly diff: (base: State, target: State, peer: Features) => Uint8Array
  /** Applies a peer's bytes, which are never empty. A failure names what is wrong with them. */
  readonly patch: (base: State, diff: Uint8Array) => Result.Result<State, string>
  /** Forgets what `acknowledged` already carried: a state that both sides share need not be kept whole. */
  readonly subtract: (state: State, acknowledged: State) => State
  /**
   * How far from `base` towards `target` one instruction should go, whose difference may have about `sendWindow` bytes.
   * Each call makes progress, and a larger window never goes less far. Absent: always the whole way.
   */
  readonly advance?: (base: State, target: State, sendWindow: number) => State
  /** Whether no user waits for what `target` adds to `base`. Absent: a user always does. */
  readonly isMinor?: (base: State, target: State) => boolean
  /** An upper bound of the memory that `state` holds, in bytes. Absent: it is estimated by the length of its difference. */
  readonly weight?: (state: State) => number
}

/**
 * The extensions of stock mosh that a peer announces, as bits; 0 for a stock peer.
 *
 * Each end writes its bits into a protobuf field of instructions that stock mosh skips (spec 12.2). An end reads its
 * peer's bits from the first instruction that it accepts, and keeps them for the session.
 */
export type Features = number

/** The bits there are. */
export const Features = {
  /** None: a stock peer. */
  stock: 0,
  /**
   * Host strings may carry everything that is in a `Frame`: all renditions, hyperlinks, cursor shape, every clipboard.
   */
  frames: 1,
  /** `OSC 52` in host strings carries the number of the clipboard write: `52;c=3;TEXT`. */
  copies: 2,
  /** The last screen may carry how the session ended (`SessionEnding`). */
  endings: 4,
  /** Datagrams may carry reliable byte streams (`StreamPacket`) beside the synchronised states. */
  streams: 8,
  /**
   * Screens may carry their position in the history (`ScreenPosition`). With `streams`, the server sends the rows that
   * scrolled off its screen on a stream.
   */
  history: 16,
  /** Screens may carry who echoes input (`EchoReport`). */
  echo: 32,
  /**
   * Host strings may carry the modes of the keyboard (`KeyboardModes`). With `streams`, the client reports what its terminal
   * answered about itself (`TerminalReport`).
   */
  terminal: 64,
  /** Host strings may carry notifications, with their numbers, and the properties of a `Frame` (docs/spec/events.md). */
  events: 128,
  /**
   * Datagrams of up to 4096 bytes are accepted. With `streams`, the sizes that the path carries are probed
   * (`PathMtu`).
   */
  mtu: 256,
  /** Host strings and rows of the history may carry cells with an explicit width (`CellText`, `CompactRow`). */
  widths: 512,
  /**
   * Screens may have cells of images (`ImageCells`). With `streams` and `terminal`, the server sends the images to clients whose
   * terminal shows them.
   */
  images: 1024,
  /** Rows of the history may be marked as erased by the program (`Erasure`). */
  erasures: 2048,
  /**
   * Nonces of the client's datagrams may carry connection ids (`ConnectionId`). A server announces it only on a port that sessions
   * share.
   */
  connectionIds: 4096,
  /**
   * Short instructions may be sent without compression (`InstructionContents`). The next bit would lengthen the field by
   * a byte, also in the first instructions to a stock peer.
   */
  uncompressed: 8192
} as const
