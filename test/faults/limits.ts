/**
 * Deliberate mistakes in limits on what a peer or a program makes this end hold or compute.
 */
import type { Fault } from "./Fault.ts"

export const limitFaults: ReadonlyArray<Fault> = [
  {
    name: "receiver-grows-slowly",
    what: "keeps every state that it admits beyond its limits, one in 15 s for as long as the session lasts",
    file: "domain/ssp/Receiver.ts",
    original: "const before = full ? displace(kept.received, reference, entry.weight) : kept.received",
    mistaken: "const before = kept.received",
    caughtBy: ["test/domain/ssp/Receiver.test.ts"]
  },
  {
    name: "text-retains-host-string",
    what: "keeps a title as a slice that retains the whole host string",
    file: "domain/display/OscText.ts",
    original: "` ${text}`.slice(1)",
    mistaken: "text",
    caughtBy: ["test/domain/display/retention.test.ts"]
  },
  {
    name: "pieces-not-joined",
    what: "keeps each piece of unread typing as an object of its own",
    file: "services/server/ByteQueue.ts",
    original: "if (chunk !== undefined && this.to < chunk.length) return chunk",
    mistaken: "",
    caughtBy: ["test/services/server/ByteQueue.test.ts"]
  },
  {
    name: "effort-of-each-string",
    what: "lets each host string of an instruction cost as much as all may",
    file: "domain/objects/Screen.ts",
    original: "new HostInterpreter(frame, effort)",
    mistaken: "new HostInterpreter(frame, Effort.none())",
    caughtBy: ["test/domain/display/Effort.test.ts"],
    test: "has one effort for all its host strings"
  },
  {
    name: "characters-free",
    what: "limits what an instruction erases and scrolls, but not what it prints",
    file: "domain/display/ScreenEditor.ts",
    original: "this.effort.spent += width === 1 ? Effort.PRINT : Effort.PRINT_WIDE",
    mistaken: "",
    caughtBy: ["test/domain/display/Effort.test.ts"],
    test: "has one effort for all its host strings"
  },
  {
    name: "large-instructions-in-one-turn",
    what: "processes all large instructions that are there before keystrokes",
    file: "domain/ssp/Endpoint.ts",
    original: "bytes.length >= LARGE",
    mistaken: "bytes.length < 0",
    caughtBy: ["test/services/runtime/Turns.test.ts"]
  },
  {
    name: "fragments-unbounded",
    what: "collects fragments without bound",
    file: "domain/wire/FragmentAssembly.ts",
    original: "if (bytes > MAX_BYTES)",
    mistaken: "if (bytes > 1e15)",
    caughtBy: ["test/domain/wire/datagrams.test.ts", "test/simulation/hostile.test.ts"]
  }
]
