/**
 * Deliberate mistakes in commands without a terminal, and in agent forwarding.
 */
import type { Fault } from "./Fault.ts"

export const commandFaults: ReadonlyArray<Fault> = [
  {
    name: "command-frame-unbounded",
    what: "takes a frame about a command of any length",
    file: "domain/command/CommandFrame.ts",
    original: "if (length > MAX_BODY)",
    mistaken: "if (length > Infinity)",
    caughtBy: ["test/domain/command/CommandFrame.test.ts"]
  },
  {
    name: "command-request-unfinished",
    what: "takes the end of a request for the command's input",
    file: "domain/command/CommandRequest.ts",
    original: "return cursor.at === cursor.bytes.length ?",
    mistaken: "return cursor.at <= cursor.bytes.length ?",
    caughtBy: ["test/domain/command/CommandRequest.test.ts"]
  },
  {
    name: "command-silence-suspended",
    what: "counts the time in which the host was suspended as silence of the client",
    file: "domain/command/ClientSilence.ts",
    original: "now > self.due + LATE",
    mistaken: "now > self.due + Infinity",
    caughtBy: ["test/domain/command/ClientSilence.test.ts"]
  },
  {
    name: "command-abandoned",
    what: "lets a command run on that its client has abandoned",
    file: "services/command/CommandServer.ts",
    original: "yield* Effect.raceFirst(complete, Deferred.await(abandoned))",
    mistaken: "yield* complete",
    caughtBy: ["test/services/command/CommandClient.test.ts"]
  },
  {
    name: "agent-leader",
    what: "asks the newest client for a signature, wherever the user types",
    file: "services/agent/AgentClients.ts",
    original: "return [...heard.filter(leads), ...heard.filter((peer) => !leads(peer))]",
    mistaken: "return [...heard.filter((peer) => !leads(peer)), ...heard.filter(leads)]",
    caughtBy: ["test/services/agent/AgentClients.test.ts"]
  },
  {
    name: "agent-unbounded",
    what: "takes a message of an agent of any length",
    file: "domain/forwarding/AgentMessage.ts",
    original: "length > MAX_LENGTH",
    mistaken: "length > Infinity",
    caughtBy: ["test/domain/forwarding/AgentMessage.test.ts"]
  }
]
