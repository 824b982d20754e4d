/**
 * Deliberate mistakes in paths: which address of its server a client uses, and when a server follows its client to a new one.
 */
import type { Fault } from "./Fault.ts"

const caughtBy = ["test/domain/ssp/path/ClientPaths.test.ts"]

export const pathFaults: ReadonlyArray<Fault> = [
  {
    name: "straggler-roams",
    what: "follows a client to the source address of an old datagram",
    file: "domain/ssp/path/PathValidation.ts",
    original: "return arrival.isNews || isCopy ? open",
    mistaken: "return arrival.isNews || arrival.sequence >= 0n ? open",
    caughtBy: ["test/domain/ssp/Connection.test.ts", "test/domain/ssp/path/PathValidation.test.ts"]
  },
  {
    name: "path-unproved",
    what: "accepts a new address as the client's before the client echoes anything from there",
    file: "domain/ssp/path/PathValidation.ts",
    original: "if (only.isEchoed) return only",
    mistaken: "return only",
    caughtBy: ["test/domain/ssp/path/PathValidation.test.ts"]
  },
  {
    name: "path-any-echo",
    what: "accepts an echo of a datagram to one address as proof of another",
    file: "domain/ssp/path/PathValidation.ts",
    original: "Timestamp16.since(Timestamp16.at(now + path.offset), reply)",
    mistaken: "Timestamp16.since(Timestamp16.at(now), reply) % OFFSET_STEP",
    caughtBy: ["test/domain/ssp/path/PathValidation.test.ts"]
  },
  {
    name: "path-copy-decides",
    what: "returns to an address that delivers copies, though the client receives nothing there",
    file: "domain/ssp/path/PathValidation.ts",
    original: "peer.isEchoed && used.includes(peer)",
    mistaken: "used.includes(peer)",
    caughtBy: ["test/domain/ssp/path/PathValidation.test.ts"],
    test: "and who is there before the session starts"
  },
  {
    name: "path-unbounded",
    what: "sends without bound to an address from which the client echoed nothing",
    file: "domain/ssp/ConnectionSending.ts",
    original: "if (path.offset !== undefined && bytes >= path.allowance) break",
    mistaken: "",
    caughtBy: ["test/domain/ssp/path/PathValidation.test.ts"],
    test: "makes a server send little to a victim's address"
  },
  {
    name: "path-never-left",
    what: "stays on a path on which nothing arrives",
    file: "domain/ssp/path/ClientPaths.ts",
    original: "isNews ? isLost || isBetter : isLost && isOneWay(paths, knowledge, now)",
    mistaken: "false",
    caughtBy,
    test: "moves within 15 s when the current path breaks in both directions"
  },
  {
    name: "path-left-for-any",
    what: "leaves a path that works for any other that delivers",
    file: "domain/ssp/path/ClientPaths.ts",
    original: "isNews ? isLost || isBetter",
    mistaken: "isNews ? true",
    caughtBy,
    test: "moves no session whose path works"
  },
  {
    name: "path-one-way-trusted",
    what: "stays on a path that delivers, but on which nothing is acknowledged",
    file: "domain/ssp/path/ClientPaths.ts",
    original: "now - Math.max(roundTripAt, movedAt, startedAt) > Timing.PORT_HOP",
    mistaken: "now - Math.max(roundTripAt, movedAt, startedAt) > Infinity",
    caughtBy,
    test: "moves within 15 s when the current path breaks to the server"
  },
  {
    name: "path-one-leader",
    what: "sends the newest packet always to the same address, so that a stock server answers only there",
    file: "domain/ssp/path/ClientPaths.ts",
    original: "open[Math.floor((now - paths.startedAt) / Timing.CANDIDATE_TURN) % open.length]",
    mistaken: "open[0]",
    caughtBy,
    test: "moves within 15 s when the current path breaks to the client"
  },
  {
    name: "relay-new-unused",
    what: "takes what the former relay delivered for a sign that UDP works, and waits for silence before it uses a new relay",
    file: "domain/ssp/path/ClientPaths.ts",
    original: "isPlural(paths) || receivedAt <= paths.movedAt",
    mistaken: "isPlural(paths)",
    caughtBy,
    test: "returns to the relay as soon as another ssh carries it"
  },
  {
    name: "relay-for-ever",
    what: "never checks whether UDP works again",
    file: "domain/ssp/path/ClientPaths.ts",
    original: "check: check.at <= now ? nextCheck(check, now) : check }",
    mistaken: "check: check.at <= now ? NO_CHECK : check }",
    caughtBy,
    test: "uses the relay while UDP is blocked"
  },
  {
    name: "relay-check-endless",
    what: "sends to UDP last during all of a check, so that a stock server answers to a path that does not deliver",
    file: "domain/ssp/path/ClientPaths.ts",
    original: "now - since < Math.max(Timing.RELAY_CHECK_WINDOW, 2 * rto)",
    mistaken: "now - since < 10 * Math.max(Timing.RELAY_CHECK_WINDOW, 2 * rto)",
    caughtBy,
    test: "stays on the relay while UDP only works to the server"
  },
  {
    name: "path-refused-elsewhere",
    what: "takes the refusal of an address that the session does not use for the server's end",
    file: "domain/ssp/Endpoint.ts",
    original: "(!from || !current || parts.addressEquals(from, current.address))",
    mistaken: "(from !== current || parts !== undefined)",
    caughtBy,
    test: "a refusal from an address that the session does not use"
  }
]
