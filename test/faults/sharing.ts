/**
 * Mistakes about sessions that share a port.
 */
import type { Fault } from "./Fault.ts"

const LAWS = ["test/domain/sharing/Demultiplexer.test.ts"]

export const sharingFaults: ReadonlyArray<Fault> = [
  {
    name: "trials-for-nothing",
    what: "lets strangers have any number of trial decryptions",
    file: "domain/sharing/TrialBudget.ts",
    original: "budget.tokens = Math.max(0, budget.tokens - trials)",
    mistaken: "budget.tokens = Math.max(0, budget.tokens)",
    caughtBy: LAWS,
    test: "flood"
  },
  {
    name: "known-address-needs-token",
    what: "searches the session of a datagram whose address is known, as for a stranger's",
    file: "domain/sharing/Demultiplexer.ts",
    original: "const known = AddressTable.sessionsAt(state.addresses, source)",
    mistaken: "const known = AddressTable.sessionsAt(state.addresses, { ...source, port: 0 })",
    caughtBy: LAWS
  },
  {
    name: "idle-session-first",
    what: "does not move a session that is active to the front of the search",
    file: "domain/sharing/Demultiplexer.ts",
    original: "  Member.touch(member)\n",
    mistaken: "",
    caughtBy: LAWS,
    test: "most recently active"
  },
  {
    name: "waiting-session-last",
    what: "searches sessions whose client is awaited after all others",
    file: "domain/sharing/KeySearch.ts",
    original: "  yield* Member.fromBothEnds(waiting)\n  yield* Member.byActivity(connected)\n",
    mistaken: "  yield* Member.byActivity(connected)\n  yield* Member.fromBothEnds(waiting)\n",
    caughtBy: LAWS
  },
  {
    name: "oldest-waiting-session-last",
    what: "searches sessions whose client is awaited only from the newest on",
    file: "domain/sharing/KeySearch.ts",
    original: "Member.fromBothEnds(waiting)",
    mistaken: "Member.byActivity(waiting)",
    caughtBy: LAWS,
    test: "in the order in which their sessions were opened"
  },
  {
    name: "addresses-unbounded",
    what: "remembers every address that a session's client ever used",
    file: "domain/sharing/AddressTable.ts",
    original: "if (addresses.length >= ADDRESSES_PER_SESSION && oldest",
    mistaken: "if (addresses.length >= Infinity && oldest",
    caughtBy: LAWS
  },
  {
    name: "address-of-the-dead",
    what: "keeps the addresses of a session that has ended",
    file: "domain/sharing/Demultiplexer.ts",
    original: "  AddressTable.leave(state.addresses, member)\n",
    mistaken: "",
    caughtBy: LAWS
  },
  {
    name: "one-session-per-address",
    what: "gives an address that two sessions use to the newer one alone",
    file: "domain/sharing/Demultiplexer.ts",
    original: "const result = search(state, { datagram, source, tried: known.slice(last) }, now)",
    mistaken: 'const result = known.length > 0 ? "unauthentic" : search(state, { datagram, source, tried: [] }, now)',
    caughtBy: LAWS
  },
  {
    name: "stranger-unsuspended",
    what: "lets one flooding network use up the trials of all others",
    file: "domain/sharing/KeySearch.ts",
    original: "  Strangers.failed(state.strangers, network, now)\n",
    mistaken: "",
    caughtBy: LAWS
  },
  {
    name: "flood-served",
    what: "lets one client take the time of all others",
    file: "domain/sharing/FairShare.ts",
    original: "use.time >= (share.total >= BUSY ? GUARANTEED : SHARE)",
    mistaken: "use.time >= Infinity",
    caughtBy: ["test/domain/sharing/FairShare.test.ts"]
  },
  {
    name: "alone-bounded",
    what: "bounds a session that is the only active one",
    file: "domain/sharing/FairShare.ts",
    original: "return now - lastOtherAt < ACTIVE &&",
    mistaken: "return lastOtherAt < Infinity &&",
    caughtBy: ["test/domain/sharing/FairShare.test.ts"]
  },
  {
    name: "flood-uncharged",
    what: "does not count the time that a session's datagrams take",
    file: "services/transport/SharedPort.ts",
    original: "Demultiplexer.processed(state, route.member, (nanos() - from) / 1e6, now())",
    mistaken: "Demultiplexer.processed(state, route.member, 0, now())",
    caughtBy: ["test/services/transport/SharedPort.test.ts"]
  },
  {
    name: "replay-moves-route",
    what: "takes the source of a replay for an address of the client",
    file: "services/transport/SharedPort.ts",
    original: "if (isNews) Demultiplexer.accepted(",
    mistaken: "Demultiplexer.accepted(",
    caughtBy: ["test/services/transport/SharedPort.test.ts"]
  },
  {
    name: "decrypted-twice",
    what: "decrypts each datagram for the demultiplexer and for the session",
    file: "services/transport/SharedPort.ts",
    original: "seat.opened?.datagram === datagram ? seat.opened.packet : cipher.open(datagram)",
    mistaken: "cipher.open(datagram)",
    caughtBy: ["test/services/transport/SharedPort.test.ts"]
  }
]
