/**
 * Mistakes about connection ids.
 */
import type { Fault } from "./Fault.ts"

const SESSION = ["test/domain/ssp/connection-ids.test.ts"]
const PORT = ["test/domain/sharing/ConnectionIds.test.ts"]

export const idFaults: ReadonlyArray<Fault> = [
  {
    name: "id-in-number",
    what: "writes a connection id over the highest bit of the packet number, so that nonces repeat",
    file: "domain/crypto/Nonce.ts",
    original: "(BigInt(id & 0xffff) << BigInt(SEQUENCE_BITS))",
    mistaken: "(BigInt(id & 0xffff) << BigInt(SEQUENCE_BITS - 1))",
    caughtBy: ["test/domain/crypto/Nonce.test.ts"]
  },
  {
    name: "id-unannounced",
    what: "sends connection ids before the server announced that it reads them",
    file: "domain/ssp/EndpointIds.ts",
    original: "connectionId === undefined || !isNegotiated(state)) return nonce",
    mistaken: "connectionId === undefined) return nonce",
    caughtBy: SESSION
  },
  {
    name: "id-unacknowledged",
    what: "sends connection ids before the server certainly knows that the client announced them",
    file: "domain/ssp/EndpointIds.ts",
    original: "  confirmed: undefined,\n",
    mistaken: "  confirmed: 0,\n",
    caughtBy: SESSION
  },
  {
    name: "id-too-far",
    what: "sends connection ids of blocks that the server does not expect yet",
    file: "domain/ssp/EndpointIds.ts",
    original: "if (block > confirmed + ConnectionId.AHEAD) return nonce",
    mistaken: "if (block > confirmed + 2 * ConnectionId.AHEAD) return nonce",
    caughtBy: SESSION
  },
  {
    name: "id-never-changes",
    what: "sends the id of the first block in all others",
    file: "domain/ssp/EndpointIds.ts",
    original: "if (sent?.block === block) return",
    mistaken: "if (sent !== undefined) return",
    caughtBy: SESSION
  },
  {
    name: "ids-not-followed",
    what: "goes on to expect the ids of the first blocks",
    file: "domain/ssp/EndpointIds.ts",
    original: "if (reached === state.ids.reached) return",
    mistaken: "if (state.ids.reached !== undefined) return",
    caughtBy: SESSION
  },
  {
    name: "ids-of-the-dead",
    what: "keeps the connection ids of a session that has ended",
    file: "domain/sharing/Demultiplexer.ts",
    original: "  PrefixTable.leave(state.prefixes, member)\n",
    mistaken: "",
    caughtBy: PORT
  },
  {
    name: "ids-of-the-past",
    what: "keeps all connection ids that a session ever expected",
    file: "domain/sharing/PrefixTable.ts",
    original: "  leave(table, member)\n  for",
    mistaken: "  for",
    caughtBy: PORT
  },
  {
    name: "id-repeated-by-stranger",
    what: "does not find a client that moves while a stranger repeats its id",
    file: "domain/sharing/KeySearch.ts",
    original: 'if (untried.length === 0) return "unauthentic"',
    mistaken: 'return "unauthentic"',
    caughtBy: PORT
  },
  {
    name: "ids-unannounced",
    what: "decrypts datagrams with connection ids although none were announced",
    file: "domain/ssp/Endpoint.ts",
    original: "if (!Nonce.hasNoId(datagram) && !EndpointIds.areReceived(parts.role, state)) return",
    mistaken: "if (!Nonce.hasNoId(datagram) && state.ended !== undefined) return",
    caughtBy: ["test/domain/ssp/connection-ids.test.ts"]
  },
  {
    name: "id-repeated-costs-a-search",
    what: "tries all sessions for a datagram with a repeated id",
    file: "domain/sharing/KeySearch.ts",
    original: "attempt(state, budget, untried, datagram, now)",
    mistaken: "attempt(state, budget, all(state), datagram, now)",
    caughtBy: PORT
  },
  {
    name: "id-without-tokens",
    what: "lets one who repeats an id use up the trials of all others",
    file: "domain/sharing/KeySearch.ts",
    original: "attempt(state, member.trials, [member], datagram, now)",
    mistaken: "attempt(state, state.budgets.anyHost, [member], datagram, now)",
    caughtBy: PORT
  },
  {
    name: "ids-on-own-port",
    what: "announces connection ids where the server has its port for itself",
    file: "domain/ssp/EndpointIds.ts",
    original: '(role === "Client" || end.isShared)',
    mistaken: '(role === "Client" || end.hasIds)',
    caughtBy: SESSION
  }
]
