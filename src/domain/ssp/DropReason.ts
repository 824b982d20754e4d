/**
 * Why a datagram, or what it carried, was dropped. Dropping is never an error: it is counted, and the session goes on.
 */
export type DropReason =
  /** Longer than any datagram may be. */
  | "oversize"
  /** Too short to hold a nonce, a tag and the timestamps. */
  | "short"
  /** Not made with the session's key. */
  | "unauthentic"
  /** From our own side of the session: a reflection. */
  | "misdirected"
  /** Carries nothing new: a duplicate, a straggler, or a difference to a state that is no longer held. */
  | "late"
  /** A malformed fragment, or one that contradicts another of its instruction. */
  | "fragment"
  /** Not a zlib stream. */
  | "compression"
  /** Not an instruction, or one that breaks the rules of state numbers. */
  | "instruction"
  /** An instruction of another protocol version. */
  | "version"
  /** A difference that cannot be applied to its state. */
  | "diff"
  /** More than we are willing to hold. */
  | "limit"
