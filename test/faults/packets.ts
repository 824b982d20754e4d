/**
 * Deliberate mistakes in packets: nonces, replays, ports, timestamps and fragments.
 */
import type { Fault } from "./Fault.ts"

export const packetFaults: ReadonlyArray<Fault> = [
  {
    name: "forgery-believed",
    what: "reports a packet before the cipher has opened it",
    file: "domain/ssp/Endpoint.ts",
    original: "  const opened = open(step, datagram)\n",
    mistaken: '  const opened = open(step, datagram)\n  step.outputs.push({ _tag: "PacketReceived" })\n',
    caughtBy: ["test/domain/ssp/Endpoint.test.ts"]
  },
  {
    name: "nonce-repeated",
    what: "encrypts every sixteenth datagram under the number of the one before",
    file: "domain/ssp/ConnectionSending.ts",
    original: "nextSequence++\n",
    mistaken: "if (nextSequence % 16n !== 15n || fragment.number > 0) nextSequence++\n",
    caughtBy: ["test/domain/ssp/Connection.test.ts"]
  },
  {
    name: "own-datagrams",
    what: "accepts its own datagrams, reflected by an attacker, as the peer's",
    file: "domain/ssp/Connection.ts",
    original: `if (Nonce.sender(datagram.nonce) === options.role) return drop("misdirected", state)`,
    mistaken: "",
    caughtBy: ["test/domain/ssp/Connection.test.ts"]
  },
  {
    name: "replay-heeded",
    what: "processes a datagram that arrived before",
    file: "domain/ssp/ReplayWindow.ts",
    original: "return back < WINDOW && ((received >> back) & 1n) === 0n",
    mistaken: "return back < WINDOW",
    caughtBy: ["test/domain/ssp/ReplayWindow.test.ts", "test/services/transport/Transport.test.ts"]
  },
  {
    name: "straggler-refused",
    what: "takes a datagram that the network delayed for a replay",
    file: "domain/ssp/ReplayWindow.ts",
    original: "return back < WINDOW && ((received >> back) & 1n) === 0n",
    mistaken: "return false",
    caughtBy: ["test/domain/ssp/ReplayWindow.test.ts", "test/domain/ssp/Connection.test.ts"]
  },
  {
    name: "never-hops",
    what: "stays on a port where nothing arrives",
    file: "domain/ssp/Connection.ts",
    original: "now - state.portChosenAt <= Timing.PORT_HOP ||",
    mistaken: "now >= 0 ||",
    caughtBy: ["test/domain/ssp/Connection.test.ts", "test/simulation/outage.test.ts"]
  },
  {
    name: "echo-held",
    what: "counts the time that a timestamp was held as network delay",
    file: "domain/ssp/ConnectionSending.ts",
    original: "Timestamp16.add(state.saved.timestamp, now - state.saved.at)",
    mistaken: "state.saved.timestamp",
    caughtBy: ["test/domain/ssp/Connection.test.ts"]
  },
  {
    name: "sleep-is-delay",
    what: "measures the time for which a host was suspended as a round trip",
    file: "domain/ssp/path/Rtt.ts",
    original: "if (r >= Timing.RTT_IGNORED) return rtt",
    mistaken: "",
    caughtBy: ["test/domain/ssp/path/Rtt.test.ts", "test/simulation/sleep.test.ts"]
  },
  {
    name: "late-is-lost",
    what: "takes what waits to be read for lost while the process cannot keep up",
    file: "domain/ssp/sender/Postponement.ts",
    original: "lateness > Timing.LATENESS && lateness < Timing.SUSPENDED && sentAt >= postponement.at",
    mistaken: "lateness === Infinity && sentAt >= postponement.at",
    caughtBy: ["test/domain/ssp/overload.test.ts"]
  },
  {
    name: "late-never-retransmits",
    what: "postpones a retransmission again each time it is late",
    file: "domain/ssp/sender/Postponement.ts",
    original: "lateness < Timing.SUSPENDED && sentAt >= postponement.at",
    mistaken: "lateness < Timing.SUSPENDED && sentAt >= 0",
    caughtBy: ["test/domain/ssp/sender/Postponement.test.ts"]
  },
  {
    name: "fragments-mixed",
    what: "puts fragments of two instructions together",
    file: "domain/wire/FragmentAssembly.ts",
    original: "fragment.id === assembly.id ? assembly : { ...EMPTY, id: fragment.id }",
    mistaken: "{ ...assembly, id: fragment.id }",
    caughtBy: ["test/domain/wire/datagrams.test.ts"]
  }
]
