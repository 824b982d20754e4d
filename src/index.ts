/**
 * effect-mosh as a library: sessions that survive networks, as Effect services.
 *
 * `MoshServer` and `MoshClient` are the two ends of a session; `Transport` keeps any two values in step; the rest is what
 * they speak of, and what may be replaced. The layers that run them on Node are in `effect-mosh/node`, what tests need of
 * networks and ptys is in `effect-mosh/testing`.
 */

// A session's two ends.
export { type Listening, type ListenOptions, MoshServer, type OpenOptions, type Served } from "./services/MoshServer.ts"
export { type ClientSession, type ConnectOptions, MoshClient, type SessionOptions } from "./services/MoshClient.ts"
export type { Application, Terminal } from "./services/Application.ts"
export * as Keys from "./services/Keys.ts"
export * as KeyDecoder from "./domain/terminal/KeyDecoder.ts"
export type { Program, Session, SessionEnd } from "./services/Session.ts"
export type { Contact } from "./services/SessionTransport.ts"
export type { Limits, Why } from "./domain/server/Lifetime.ts"
export type { PortRange } from "./domain/bootstrap/PortRange.ts"
export * as SessionKey from "./domain/crypto/SessionKey.ts"

// Values of one's own.
export * as Transport from "./services/Transport.ts"
export type { WakeSchedule } from "./services/Actor.ts"
export { Features, type SyncObject } from "./domain/sync/SyncObject.ts"
export type { SessionEnding } from "./domain/wire/SessionEnding.ts"
export type { Role } from "./domain/sync/Role.ts"
export { MetricNames } from "./services/TransportMetrics.ts"
export type { DropReason } from "./domain/sync/DropReason.ts"
export type { Millis } from "./domain/Machine.ts"

// Pictures.
export * as Frame from "./domain/terminal/Frame.ts"
export * as Row from "./domain/terminal/Row.ts"
export * as Rendition from "./domain/terminal/Rendition.ts"
export * as Color from "./domain/terminal/Color.ts"
export * as Capabilities from "./domain/display/Capabilities.ts"
export * as FrameDiff from "./domain/display/FrameDiff.ts"
export * as FramePatch from "./domain/display/FramePatch.ts"

// What may be replaced.
export {
  type Address,
  BindError,
  type DatagramHandlers,
  Datagrams,
  type Family,
  type SocketTrouble,
  type TroubleKind
} from "./services/Datagrams.ts"
export { type OpenedPacket, PacketCipher } from "./services/PacketCipher.ts"
export { Compression } from "./services/Compression.ts"
export { Pty, PtyError, type PtyExit, type PtyOptions, type PtyProcess } from "./services/Pty.ts"
export { Emulator, type EmulatorOptions, type Screen } from "./services/Emulator.ts"
export { type Predicted, Predictor, type PredictorOptions } from "./services/Predictor.ts"
export type { Counters as PredictionCounters, Input as PredictionInput } from "./domain/prediction/Prediction.ts"
export type { DisplayPreference } from "./domain/prediction/DisplayPreference.ts"
export { LocalTerminal, type OpenTerminal, type TerminalHandlers } from "./services/LocalTerminal.ts"
