/**
 * Deliberate mistakes in forwarding: what is allowed, how connections end, and what SOCKS clients may do.
 */
import type { Fault } from "./Fault.ts"

export const forwardingFaults: ReadonlyArray<Fault> = [
  {
    name: "forward-policy",
    what: "connects although the server's policy forbids it",
    file: "services/forwarding/ServerForwarding.ts",
    original: "if (!policy.connects)",
    mistaken: "if (policy.connects === undefined)",
    caughtBy: ["test/services/forwarding/Forwarding.test.ts"],
    test: "no more than its policy"
  },
  {
    name: "forward-early-bytes",
    what: "loses what a SOCKS client sends ahead of the answer",
    file: "services/forwarding/ConnectionRelay.ts",
    original: "if (early !== undefined && early.length > 0) yield* stream.write(early)",
    mistaken: "if (early === undefined) yield* stream.write(new Uint8Array(0))",
    caughtBy: ["test/services/forwarding/Forwarding.test.ts"],
    test: "a proxy for SOCKS"
  },
  {
    name: "forward-unasked",
    what: "connects for a listener that its user did not ask for",
    file: "services/forwarding/ClientForwarding.ts",
    original: 'header?._tag === "Accepted" ? remote.get(header.listener) : undefined',
    mistaken: 'header?._tag === "Accepted" ? (remote.get(header.listener) ?? [...entries][0]) : undefined',
    caughtBy: ["test/services/forwarding/Forwarding.test.ts"],
    test: "connect anywhere"
  },
  {
    name: "socks-patience",
    what: "waits for ever for a SOCKS request",
    file: "domain/forwarding/Socks.ts",
    original: 'phase === "Greeting" || phase === "Request" ? dropAt : Infinity',
    mistaken: 'phase === "Greeting" ? dropAt : Infinity',
    caughtBy: ["test/domain/forwarding/Socks.test.ts"]
  },
  {
    name: "socks-unbounded",
    what: "keeps a SOCKS request of any length",
    file: "domain/forwarding/Socks.ts",
    original: "state.held.length > MAX_REQUEST",
    mistaken: "state.held.length > 1e6",
    caughtBy: ["test/domain/forwarding/Socks.test.ts"]
  }
]
