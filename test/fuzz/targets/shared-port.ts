/**
 * A port that three sessions share, and any sequence of datagrams from any addresses: each datagram reaches the session whose key
 * opens it or none, known addresses are always served, and work and tables stay within their bounds.
 *
 * An input is a sequence of events of four bytes: what happens, a session or key, a host and port, and a time.
 */
import * as AddressTable from "../../../src/domain/sharing/AddressTable.ts"
import * as Demultiplexer from "../../../src/domain/sharing/Demultiplexer.ts"
import * as TrialBudget from "../../../src/domain/sharing/TrialBudget.ts"
import * as Port from "../../domain/sharing/port.ts"
import { law, type Target } from "../target.ts"

const EVENT = 4
const KEYS = 3

const HOSTS = ["192.0.2.1", "192.0.2.2", "2001:db8::1", "::", "not an address", "", "fe80::1%eth0", "2001:db8::2"]

const isKnown = ({ members, state }: Port.Port, key: number, source: Demultiplexer.Source): boolean =>
  AddressTable.sessionsAt(state.addresses, source)
    .slice(-Demultiplexer.SESSIONS_PER_ADDRESS)
    .some((member) => member === members.get(key))

const run = (input: Uint8Array): void => {
  const port = Port.make()
  let now = 0
  let sequence = 1
  let datagrams = 0
  for (let at = 0; at + EVENT <= input.length; at += EVENT) {
    const [what = 0, which = 0, where = 0, when = 0] = input.subarray(at)
    const key = which % KEYS
    const source = { host: HOSTS[where & 7] ?? "", port: where >> 3 }
    now += when
    switch (what % 6) {
      case 0:
        if (!port.members.has(key)) port.join(key)
        break
      case 1:
        port.leave(key)
        break
      case 2: {
        const member = port.members.get(key)
        if (member !== undefined) Demultiplexer.sending(port.state, member, source)
        break
      }
      case 3:
        datagrams++
        law(typeof port.receive(input.subarray(at), source, now) === "string", "raw bytes reach a session")
        break
      case 4:
        datagrams++
        law(
          typeof port.receive(Port.sealed(Port.FORGED, sequence++), source, now) === "string",
          "a forgery is accepted"
        )
        break
      default: {
        const wasKnown = isKnown(port, key, source)
        datagrams++
        const to = port.receive(Port.sealed(key, sequence++), source, now, which < 128)
        law(typeof to === "string" || to === key, "another session's datagram")
        law(!wasKnown || to === key, "a known address is not served")
      }
    }
  }
  const { addresses } = port.state
  const members = Demultiplexer.size(port.state)
  law(members === port.members.size, "sessions miscounted")
  law(addresses.byAddress.size <= AddressTable.ADDRESSES_PER_SESSION * members, "addresses without bounds")
  const most = Demultiplexer.SESSIONS_PER_ADDRESS * datagrams + 2 * (TrialBudget.BURST + TrialBudget.RATE * now)
  law(port.opened() <= most, "trials without bounds")
}

const event = (...bytes: ReadonlyArray<number>): Uint8Array => Uint8Array.from(bytes)

export const sharedPort: Target = {
  what: "datagrams for a port that several sessions share",
  seeds: () => [
    Buffer.concat([event(0, 0, 0, 0), event(0, 1, 0, 0), event(5, 0, 8, 1), event(5, 1, 8, 1), event(4, 0, 8, 1)]),
    Buffer.concat([event(0, 2, 0, 0), event(5, 2, 9, 1), event(2, 2, 9, 0), event(5, 2, 10, 255), event(1, 2, 0, 0)])
  ],
  tokens: [0, 1, 2, 3, 4, 5].flatMap((what) => [event(what, 0, 8, 1), event(what, 1, 16, 60)]),
  maxLength: 2000,
  budget: 300,
  quick: 2000,
  run
}
