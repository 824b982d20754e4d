/**
 * Every decoder that reads data from another program, the network or a user.
 */
import type { Target } from "../target.ts"
import { agent } from "./agent.ts"
import { command } from "./command.ts"
import { commandLine } from "./command-line.ts"
import { controlTarget } from "./control.ts"
import { datagram } from "./datagram.ts"
import { emulator } from "./emulator.ts"
import { endpoint } from "./endpoint.ts"
import { connectionHeader, forwardSpec, socks } from "./forwarding.ts"
import { fragments } from "./fragments.ts"
import { history } from "./history.ts"
import { hostString } from "./host-string.ts"
import { images } from "./images.ts"
import { inflateTarget } from "./inflate.ts"
import { hostMessage, instruction, userMessage } from "./messages.ts"
import { localTerminal } from "./local-terminal.ts"
import { receiver } from "./receiver.ts"
import { relay } from "./relay.ts"
import { settings } from "./settings.ts"
import { sharedPort } from "./shared-port.ts"
import { streamPacket } from "./stream-packet.ts"
import { streams } from "./streams.ts"
import { terminal } from "./terminal.ts"
import { transcript } from "./transcript.ts"

export const targets: Readonly<Record<string, Target>> = {
  datagram,
  fragments,
  inflate: inflateTarget,
  instruction,
  "user-message": userMessage,
  "host-message": hostMessage,
  "host-string": hostString,
  emulator,
  receiver,
  "stream-packet": streamPacket,
  streams,
  endpoint,
  history,
  "connection-header": connectionHeader,
  socks,
  "forward-spec": forwardSpec,
  command,
  agent,
  relay,
  transcript,
  "command-line": commandLine,
  control: controlTarget,
  settings,
  "shared-port": sharedPort,
  terminal,
  "local-terminal": localTerminal,
  images
}
