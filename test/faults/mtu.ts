/**
 * Deliberate mistakes in the search for the path's datagram size (`PathMtu`).
 */
import type { Fault } from "./Fault.ts"

export const mtuFaults: ReadonlyArray<Fault> = [
  {
    name: "mtu-loss-is-black-hole",
    what: "takes an instruction for swallowed although some of its large datagrams arrived",
    file: "domain/ssp/path/PathMtu.ts",
    original: "if (arrived > 0) return confirm(mtu, arrived, now)",
    mistaken: "if (pending.length === 0) return confirm(mtu, arrived, now)",
    caughtBy: ["test/domain/ssp/path/PathMtu.test.ts"],
    test: "random losses reduce nothing"
  },
  {
    name: "mtu-below-floor",
    what: "reduces datagrams to nothing where no probe arrives",
    file: "domain/ssp/path/PathMtu.ts",
    original: "Math.max(arrived, isSuspect ? FLOOR : mtu.size)",
    mistaken: "Math.max(arrived, isSuspect ? 0 : mtu.size)",
    caughtBy: ["test/domain/ssp/path/PathMtu.test.ts"]
  },
  {
    name: "mtu-refused-probe-reduces",
    what: "reduces the limit because the host refused a larger probe",
    file: "domain/ssp/path/PathMtu.ts",
    original: "if (bytes !== undefined && bytes > mtu.size)",
    mistaken: "if (bytes !== undefined && bytes > Infinity)",
    caughtBy: ["test/domain/ssp/path/PathMtu.test.ts"],
    test: "of a larger probe only ends the search there"
  },
  {
    name: "mtu-reduced-not-resent",
    what: "waits for a timeout after it learnt that datagrams were too large",
    file: "domain/ssp/EndpointMtu.ts",
    original: 'if (after < before) inform(step, { _tag: "DatagramsTooLarge" })',
    mistaken: 'if (after < 0) inform(step, { _tag: "DatagramsTooLarge" })',
    caughtBy: ["test/simulation/path-mtu.test.ts"],
    test: "a full redraw takes at most four round trips of 20 ms, blackHole"
  },
  {
    name: "mtu-old-evidence",
    what: "sends no marker for seconds after a large datagram arrived",
    file: "domain/ssp/path/PathMtu.ts",
    original: "now - confirmed.at < FRESH",
    mistaken: "now - confirmed.at < 50 * FRESH",
    caughtBy: ["test/simulation/path-mtu.test.ts"],
    test: "also 300 ms after a redraw"
  },
  {
    name: "mtu-probes-stock",
    what: "sends probes to a peer that has not announced that it answers them",
    file: "domain/ssp/EndpointMtu.ts",
    original: "Sender.areNegotiated(sender, NEEDED)",
    mistaken: "(sender.features & NEEDED) === NEEDED",
    caughtBy: ["test/simulation/path-mtu.test.ts"],
    test: "no datagram is sent that stock would not send"
  },
  {
    name: "mtu-kept-on-new-path",
    what: "keeps the former path's limit after the client moved",
    file: "domain/ssp/EndpointMtu.ts",
    original: "update(step, PathMtu.init(familyAt(step)))",
    mistaken: "update(step, step.state.mtu)",
    caughtBy: ["test/simulation/path-mtu.test.ts"],
    test: "the limit is the usual one again on another path"
  },
  {
    name: "mtu-outage-reduces",
    what: "reduces datagrams in an outage, in which nothing was echoed",
    file: "domain/ssp/path/PathMtu.ts",
    original: "&& echoedAt >= oldest.at + srtt",
    mistaken: "&& echoedAt >= 0",
    caughtBy: ["test/domain/ssp/path/PathMtu.test.ts"],
    test: "the limit falls when a large state timed out twice"
  },
  {
    name: "mtu-outage-is-unanswered",
    what: "counts transmissions of an outage, after which nothing was heard",
    file: "domain/ssp/path/PathMtu.ts",
    original: "heardAt >= mtu.sentAt + srtt ? 1 : 0",
    mistaken: "heardAt >= 0 ? 1 : 0",
    caughtBy: ["test/domain/ssp/path/PathMtu.test.ts"],
    test: "the limit falls when the peer was heard"
  },
  {
    name: "mtu-stream-losses-ignored",
    what: "lets streams lose large packets without end",
    file: "domain/ssp/EndpointMtu.ts",
    original: "if (streams.largeLoss.count >= LOSSES) {",
    mistaken: "if (streams.largeLoss.count >= Infinity) {",
    caughtBy: ["test/simulation/path-mtu.test.ts"],
    test: "uses larger datagrams where the path carries them"
  }
]
