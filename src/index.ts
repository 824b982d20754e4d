/**
 * effect-mosh as a library: sessions that survive networks, as Effect services.
 *
 * `MoshServer` and `MoshClient` are the two ends of a session; `Transport` keeps any two values in step; the rest is what
 * they speak of. The layers that run them on Node are in `effect-mosh/node`.
 */
export { type Listening, type ListenOptions, MoshServer, type OpenOptions, type Served } from "./services/MoshServer.ts"
export type { Application, Terminal } from "./services/Application.ts"
export { type ClientSession, type ConnectOptions, MoshClient } from "./services/MoshClient.ts"
export { Predictor } from "./services/Predictor.ts"
export * as Transport from "./services/Transport.ts"
export * as Session from "./services/Session.ts"

export { Datagrams } from "./services/Datagrams.ts"
export { PacketCipher } from "./services/PacketCipher.ts"
export { Compression } from "./services/Compression.ts"
export { Pty } from "./services/Pty.ts"
export { Emulator } from "./services/Emulator.ts"

export * as Frame from "./domain/terminal/Frame.ts"
export * as Row from "./domain/terminal/Row.ts"
export * as Rendition from "./domain/terminal/Rendition.ts"
export * as Color from "./domain/terminal/Color.ts"
export * as Capabilities from "./domain/display/Capabilities.ts"
export * as FrameDiff from "./domain/display/FrameDiff.ts"
export * as FramePatch from "./domain/display/FramePatch.ts"
export * as SessionKey from "./domain/crypto/SessionKey.ts"
export type { Features, SyncObject } from "./domain/sync/SyncObject.ts"
export type { Machine, Millis } from "./domain/Machine.ts"
