/**
 * effect-mosh as a library: sessions that survive networks, as Effect services.
 *
 * `MoshServer` and `MoshClient` are the two ends of a session; `Transport` synchronises any two values. The rest
 * is the types that they use, and the contracts of the parts that can be replaced. `effect-mosh/node` has the layers for Node;
 * `effect-mosh/testing` has simulated networks and ptys for tests.
 */

// The two ends of a session.
export {
  type Listening,
  type ListenOptions,
  MoshServer,
  type OpenOptions,
  type Served,
  type SharePortOptions
} from "./services/server/MoshServer.ts"
export type { SharedPort, SharedPortCounters } from "./services/transport/SharedPort.ts"
export {
  type ClientSession,
  type ConnectOptions,
  MoshClient,
  type SessionOptions
} from "./services/client/MoshClient.ts"
// Commands without a terminal.
export * as CommandClient from "./services/command/CommandClient.ts"
export * as CommandServer from "./services/command/CommandServer.ts"
export { CommandNotStarted, Commands, type RunningCommand } from "./services/command/Commands.ts"
export type { CommandRequest } from "./domain/command/CommandRequest.ts"

export type { Application, Terminal } from "./services/server/Application.ts"
export * as Keys from "./services/server/Keys.ts"
export * as KeyDecoder from "./domain/keyboard/KeyDecoder.ts"
export type { Program, Session, SessionEnd } from "./services/server/Session.ts"
export type { HistoryEvent, SessionHistory } from "./services/history/SessionHistory.ts"
export type {
  Admitted,
  AdmitOptions,
  Attachment,
  Attachments,
  AttachmentsOptions
} from "./services/server/Attachments.ts"
export type { Mode as AttachmentMode } from "./domain/session/Attachments.ts"
export type { AttachedClient } from "./domain/wire/streams/AttachedClients.ts"
export type { Contact } from "./services/server/SessionTransport.ts"
export type { EndReason, Limits } from "./domain/session/Lifetime.ts"
export type { PortRange } from "./domain/arguments/PortRange.ts"
export * as SessionKey from "./domain/crypto/SessionKey.ts"

// Synchronised values of your own.
export * as Transport from "./services/transport/Transport.ts"
export { OptionError } from "./services/runtime/OptionError.ts"
export type { WakeSchedule } from "./services/runtime/Actor.ts"
export { type Timer, Timers } from "./services/runtime/Timer.ts"
export { Features, type SyncObject } from "./domain/ssp/SyncObject.ts"
export type { SessionEnding } from "./domain/wire/SessionEnding.ts"
export type { Role } from "./domain/ssp/Role.ts"
export { StreamKind } from "./domain/streams/StreamKind.ts"
export * as ClientForwarding from "./services/forwarding/ClientForwarding.ts"
export * as ServerForwarding from "./services/forwarding/ServerForwarding.ts"
export { ForwardingMetricNames } from "./services/forwarding/ForwardingMetrics.ts"
export { CommandMetricNames } from "./services/command/CommandMetrics.ts"
export { AgentMetricNames } from "./services/agent/AgentMetrics.ts"
export { type Socket, SocketError, Sockets } from "./services/forwarding/Sockets.ts"
export * as ForwardSpec from "./domain/forwarding/ForwardSpec.ts"
export * as StreamHandler from "./services/transport/StreamHandler.ts"
export { MetricNames } from "./services/transport/TransportMetrics.ts"
export { SharedPortMetricNames } from "./services/transport/SharedPortMetrics.ts"
export type { DropReason } from "./domain/ssp/DropReason.ts"
export { millis as monotonicMillis } from "./services/runtime/Actor.ts"
export type { FragmentId, PacketNumber, StateNumber } from "./domain/wire/Numbers.ts"
export type { Millis } from "./domain/Machine.ts"

// Pictures.
export * as Frame from "./domain/terminal/Frame.ts"
export * as History from "./domain/history/History.ts"
export type { ScreenPosition } from "./domain/history/ScreenPosition.ts"
export * as TerminalReport from "./domain/terminal/TerminalReport.ts"
export * as PromptMark from "./domain/events/PromptMark.ts"
export type { InputEcho, Sample as InputEchoSample } from "./domain/terminal/InputEcho.ts"
export type { EchoReport } from "./domain/wire/EchoReport.ts"
export type { DesktopNotification } from "./domain/events/DesktopNotification.ts"
export type { KeptNotifications } from "./domain/events/KeptNotifications.ts"
export type { Progress, Properties } from "./domain/events/Properties.ts"
export type { TerminalColors } from "./domain/terminal/TerminalColors.ts"
export * as Row from "./domain/terminal/Row.ts"
export * as Rendition from "./domain/terminal/Rendition.ts"
export * as Color from "./domain/terminal/Color.ts"
export * as Capabilities from "./domain/display/Capabilities.ts"
export * as FrameDiff from "./domain/display/FrameDiff.ts"
export * as FramePatch from "./domain/display/FramePatch.ts"

// Contracts of replaceable parts.
export {
  type Address,
  BindError,
  type DatagramHandlers,
  Datagrams,
  type Family,
  type SocketTrouble,
  type TroubleKind
} from "./services/transport/Datagrams.ts"
export { type OpenedPacket, PacketCipher } from "./services/transport/PacketCipher.ts"
export { Compression } from "./services/transport/Compression.ts"
export {
  type Foreground,
  Pty,
  PtyError,
  type PtyExit,
  type PtyOptions,
  type PtyProcess
} from "./services/server/Pty.ts"
export {
  Emulator,
  type EmulatorOptions,
  type OpenUpdate,
  type Screen,
  type TerminalKnowledge
} from "./services/server/Emulator.ts"
export { type Predicted, Predictor, type PredictorOptions } from "./services/client/Predictor.ts"
export type { Counters as PredictionCounters, Input as PredictionInput } from "./domain/prediction/Prediction.ts"
export type { DisplayPreference } from "./domain/prediction/trust/DisplayPreference.ts"
export { LocalTerminal, type OpenTerminal, type TerminalHandlers } from "./services/client/LocalTerminal.ts"
