/**
 * The layers that run effect-mosh on Node: UDP by `node:dgram`, AES-OCB by OpenSSL, programs by `node-pty`, screens by
 * `@xterm/headless`.
 */
export * as NodeMoshServer from "./services/node/NodeMoshServer.ts"
export * as NodeMoshClient from "./services/node/NodeMoshClient.ts"
export * as NodeLogin from "./services/node/NodeLogin.ts"
export * as NodeDatagrams from "./services/node/NodeDatagrams.ts"
export * as NodePacketCipher from "./services/node/NodePacketCipher.ts"
export * as NodeCompression from "./services/node/NodeCompression.ts"
export * as NodePty from "./services/node/NodePty.ts"
export * as NodeLocalTerminal from "./services/node/NodeLocalTerminal.ts"
export * as XtermEmulator from "./services/node/XtermEmulator.ts"
