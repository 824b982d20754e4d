/** Why a session ended, as `Ended` of `Transport` explains. */
export type EndReason = "Acknowledged" | "PeerShutdown" | "TimedOut" | "KeyExhausted"
