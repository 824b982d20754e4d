/**
 * The layers that run effect-mosh on Node: UDP by `node:dgram`, AES-OCB by OpenSSL, programs by `node-pty`, screens by
 * `@xterm/headless`.
 */
export * as NodeMoshServer from "./services/node/NodeMoshServer.ts"
export * as NodeMoshClient from "./services/node/NodeMoshClient.ts"
export * as NodeTimer from "./services/node/NodeTimer.ts"
export * as NodeLogin from "./services/node/pty/NodeLogin.ts"
export * as NodeSockets from "./services/node/forwarding/NodeSockets.ts"
export * as NodeDatagrams from "./services/node/udp/NodeDatagrams.ts"
export * as NodePacketCipher from "./services/node/wire/NodePacketCipher.ts"
export * as NodeCompression from "./services/node/wire/NodeCompression.ts"
export * as NodeCommands from "./services/node/command/NodeCommands.ts"
export * as NodePty from "./services/node/pty/NodePty.ts"
export * as NodeLocalTerminal from "./services/node/terminal/NodeLocalTerminal.ts"
export * as XtermEmulator from "./services/node/xterm/XtermEmulator.ts"
