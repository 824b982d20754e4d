/**
 * Whether UDP gets through, both ways, and how well.
 */
import type { BootstrapError } from "../bootstrap/BootstrapError.ts"
import type { ServerEndpoint } from "../bootstrap/BootstrapTranscript.ts"
import { openPortAdvice, openRangeAdvice } from "../arguments/OpenPorts.ts"
import type { PortRange } from "../arguments/PortRange.ts"
import type { RelayFailure } from "../relay/RelayFailure.ts"
import * as EchoTimes from "./EchoTimes.ts"
import * as Finding from "./Finding.ts"

const { failed, ok, skipped, warning } = Finding.of("UDP")

/** There is no server to start. */
export const NO_SERVER: Finding.Finding = skipped("contact", "no server to connect to")

/** The server started. */
export const started = ({ address, addressUncertain, port }: ServerEndpoint): Finding.Finding => {
  const text = `a session listens on UDP port ${port} of ${address}`
  return addressUncertain ? ok("start", `${text}, the server's own idea of its address`) : ok("start", text)
}

/** The server did not start; `printed` holds the lines that it or ssh printed. */
export const notStarted = (error: BootstrapError, printed: ReadonlyArray<string>): Finding.Finding => {
  const [first = "", ...others] = error.message.split("\n")
  return failed("start", first.replace(ABOVE, ""), [...printed.map((line) => `It printed: ${line}`), ...others])
}

/** The report prints the server's words below, not above. */
const ABOVE = /; its messages are above/

/** The server did not start within so many seconds. */
export const notStartedInTime = (seconds: number, printed: ReadonlyArray<string>): Finding.Finding =>
  failed(
    "start",
    `mosh-server printed no port within ${seconds} s`,
    printed.map((line) => `It printed: ${line}`)
  )

/** Nothing can be sent from here. */
export const noSocket = (reason: string): Finding.Finding =>
  failed("contact", reason, ["The server that was started for this ends by itself within a minute."])

export const contact = ({ address, port }: ServerEndpoint, ms: number): Finding.Finding =>
  ok("contact", `UDP port ${port} of ${address} answers, after ${ms} ms`)

export interface Silence {
  readonly server: ServerEndpoint
  readonly seconds: number
  /** The system's error for our datagrams, if there was one. */
  readonly trouble: string | undefined
  /** The ports that the user chose. */
  readonly ports: PortRange | undefined
  /** The firewalls that run on the server's machine. */
  readonly firewalls: ReadonlyArray<string>
  readonly operand: string
  /** Whether ssh carries the session instead. */
  readonly isRelayed: boolean
}

export const noContact = (silence: Silence): Finding.Finding => {
  const { firewalls, isRelayed, operand, ports, seconds, server, trouble } = silence
  const finding = isRelayed ? warning : failed
  return finding(
    "contact",
    `nothing came back on UDP port ${server.port} of ${server.address} within ${seconds} s` +
      (trouble === undefined ? "" : ` (${trouble.replace(/\.$/, "")})`),
    [
      ...(isRelayed ? ["A session works through ssh, but a lost packet delays all later ones there."] : []),
      "Most likely a firewall drops UDP, there or on the way.",
      ...(firewalls.length === 0 ? [] : [`Running there: ${firewalls.join(", ")}.`]),
      ...(ports === undefined || ports.low === 0 ? openPortAdvice(server.port) : openRangeAdvice(ports)),
      ...(server.addressUncertain
        ? [
            `Or ${server.address}, the server's own idea of its address, is not reachable from here: the server may be`,
            `behind NAT. Then try: mosh --experimental-remote-ip=local ${operand}`
          ]
        : []),
      ...(isRelayed ? [] : ["The server that was started for this ends by itself within a minute."])
    ]
  )
}

export interface RelayTest {
  /** After how long the server answered through the relay, ms, or why there is none. `undefined`: it did not answer. */
  readonly outcome: number | RelayFailure | undefined
  readonly seconds: number
  /** Whether UDP gets through. */
  readonly hasUdp: boolean
}

/** Whether ssh can carry the session. */
export const relay = ({ hasUdp, outcome, seconds }: RelayTest): Finding.Finding => {
  if (typeof outcome === "number") return ok("relay", `the server answers through ssh, after ${outcome} ms`)
  const text = outcome?.text ?? `the server did not answer through ssh within ${seconds} s`
  const isUnsupported = outcome?.reason === "Unsupported"
  if (isUnsupported && hasUdp) return skipped("relay", text)
  const effect = hasUdp ? "A session works, but not in a network that blocks UDP." : "ssh carries no session either."
  const next = isUnsupported
    ? "With effect-mosh on the host, a session would go through ssh (--server names its mosh-server)."
    : outcome?.reason === "NotLetIn"
      ? "ssh may not ask here. A session asks for the password in its bar."
      : "Does a forced command or a firewall there refuse it? It is: mosh-server relay PORT 1"
  return (hasUdp ? warning : failed)("relay", text, [effect, next])
}

/** No relay was tried. */
export const noRelay = (isLocal: boolean): Finding.Finding =>
  skipped("relay", isLocal ? "a session on this machine needs no ssh" : "--transport=udp or --fallback excludes it")

export interface FamilyTest {
  readonly family: "IPv4" | "IPv6"
  /** The server's first address of this family; `undefined` if its name has none. */
  readonly address: string | undefined
  readonly port: number
  /** How long the answer took, ms; `undefined` if there was none. */
  readonly ms: number | undefined
  /** Whether the server is effect-mosh. */
  readonly isEffectMosh: boolean
}

/** Whether the session can go by the addresses of one family. */
export const family = ({ address, family, isEffectMosh, ms, port }: FamilyTest): Finding.Finding => {
  const check = `over ${family}`
  if (address === undefined) return skipped(check, `no ${family} address of the host is known here`)
  if (ms !== undefined) return ok(check, `UDP port ${port} of ${address} answers, after ${ms} ms`)
  return warning(check, `UDP port ${port} of ${address} does not answer`, [
    `A session works, but not in a network with ${family} only: a firewall drops UDP over ${family}, or there is no route,`,
    isEffectMosh
      ? "or the server listens at one address only (--bind-server)."
      : "or the server listens at one address: a stock mosh-server does. One of effect-mosh listens at all."
  ])
}

export interface PathUsed {
  /** The address that the session uses first; `undefined` if UDP does not get through. */
  readonly address: string | undefined
  /** Whether only the server reported it. */
  readonly isUncertain: boolean
  /** The other addresses that it tries when that one is silent. */
  readonly others: ReadonlyArray<string>
  /** Whether ssh can carry the session, and whether it is to be the only path. */
  readonly hasRelay: boolean
  readonly isRelayOnly: boolean
}

/** Which path a session uses, and why. */
export const path = ({ address, hasRelay, isRelayOnly, isUncertain, others }: PathUsed): Finding.Finding => {
  if (isRelayOnly) {
    return hasRelay
      ? ok("path", "a session uses ssh alone, because of --transport=ssh")
      : failed("path", "--transport=ssh allows only ssh, which carries no session", ["Leave that option out."])
  }
  if (address === undefined) {
    return hasRelay
      ? ok("path", "a session uses ssh, because UDP is silent; it tries UDP again while it runs")
      : skipped("path", "neither UDP nor ssh carries a session")
  }
  const why = isUncertain ? "which the server reports as its own" : "which ssh reached"
  const rest = [...others, ...(hasRelay ? ["ssh"] : [])]
  const then = rest.length === 0 ? "no other is known" : `if it falls silent, the session also tries ${rest.join(", ")}`
  return ok("path", `a session uses UDP to ${address}, ${why}; ${then}`)
}

/** Datagrams arrive, but the session's program did not start within so many seconds. */
export const noProgram = (seconds: number): Finding.Finding =>
  failed("round trip", `the session's program did not start within ${seconds} s`, BLOCKED)

/** `srtt`: the smoothed round trip time of the datagrams themselves, ms. */
export const roundTrip = (times: EchoTimes.EchoTimes, srtt: number | undefined): Finding.Finding => {
  const spread = EchoTimes.spread(times)
  const { length } = times.typed
  if (spread === undefined) {
    return failed("round trip", `none of the ${length} keys typed was echoed`, BLOCKED)
  }
  const text =
    `least ${spread.least}, median ${spread.median}, most ${spread.most} ms from key to echo, ` +
    `${times.took.length} of ${length} keys${srtt === undefined ? "" : `; datagrams alone ${Math.round(srtt)} ms`}`
  return spread.median < SLOW
    ? ok("round trip", text)
    : warning("round trip", text, ["A session works, but slowly: something on the way delays datagrams."])
}

const BLOCKED = [
  "Datagrams arrive, but the program in the session does not answer. Check whether the login blocks: a session",
  "needs sh, and a terminal (pty) for it."
]

export interface Losses {
  /** The share of the server's datagrams that were lost, 0 to 1; `undefined` when too few arrived. */
  readonly lossIn: number | undefined
  /** How many of our datagrams were retransmissions. */
  readonly retransmissions: number
  /** How many datagrams we sent, and how many we received. */
  readonly sent: number
  readonly received: number
}

export const loss = ({ lossIn, received, retransmissions, sent }: Losses): Finding.Finding => {
  const theirs =
    lossIn === undefined
      ? `too few of the server's datagrams arrived to measure loss (${received})`
      : `${percent(lossIn)} of the server's ${Math.round(received / Math.max(1 - lossIn, 0.01))} datagrams were lost`
  const text = `${theirs}; of the ${sent} sent to it, ${retransmissions} were retransmissions`
  return (lossIn ?? 0) < MUCH
    ? ok("loss", text)
    : warning("loss", text, [
        "A session works, but with delays: the network loses many packets. A cable or another network may help."
      ])
}

export interface FullSize {
  readonly server: ServerEndpoint
  /** Whether datagrams of the full size arrived; `undefined` if that could not be tried. */
  readonly toUs: boolean | undefined
  readonly toServer: boolean | undefined
  /** The largest datagrams in use after that, bytes of UDP payload: of the server, and of this client. */
  readonly sizes: { readonly toUs: number; readonly toServer: number }
  /** Whether this machine refused to send such datagrams: then the client sends smaller ones. */
  readonly refused: boolean
  readonly seconds: number
  readonly lossIn: number | undefined
}

/** Through ssh, packets have no size. */
export const NO_SIZE: Finding.Finding = skipped("full size", "ssh cuts its packets by itself")

export const fullSize = ({ lossIn, refused, seconds, server, sizes, toServer, toUs }: FullSize): Finding.Finding => {
  if (toUs === undefined && toServer === undefined) return skipped("full size", "could not be tried")
  const family = server.address.includes(":") ? "IPv6" : "IPv4"
  const packets = `packets of ${LARGEST[family]} bytes`
  if (toUs !== false && toServer !== false) {
    if (refused) return ok("full size", `${packets} are too large for this machine to send; smaller ones pass`)
    const narrow = (["toServer", "toUs"] as const).filter((way) => sizes[way] < SMALLEST_BASE)
    if (narrow.length > 0) {
      const reduced = narrow.map(
        (way) => `${way === "toUs" ? "from" : "to"} the server only ${sizes[way] + HEADERS[family]} bytes`
      )
      return warning("full size", `${packets} do not pass: ${reduced.join(", ")}; the session adapts`, [
        "Something on the way (a VPN, a tunnel, PPPoE) has a smaller MTU, or drops fragments. Sessions with a stock server or",
        "client may stop at their first full screen there. Raise its MTU if you can."
      ])
    }
    const where = toUs === undefined ? "to the server; the other way could not be tried" : "in both directions"
    const largest = sizes.toUs + HEADERS[family]
    const larger = largest > LARGEST[family] ? `; of ${largest} from the server` : ""
    return ok("full size", `${packets} pass ${where}${larger}`)
  }
  const text = `${packets} ${toUs === false ? "from" : "to"} the server did not pass within ${seconds} s`
  const next = [
    "Small packets pass, large ones do not: a session would stop at its first full screen.",
    "Something on the way (a VPN, a tunnel, PPPoE) has a smaller MTU, or drops fragments. Raise its MTU."
  ]
  return (lossIn ?? 0) < MUCH ? failed("full size", text, next) : warning("full size", text, next)
}

/** The largest packets that mosh sends, with their headers of IP and UDP (spec 2.10). */
const LARGEST = { IPv4: 1280, IPv6: 1264 } as const

/** The headers of IP and UDP, bytes. */
const HEADERS = { IPv4: 28, IPv6: 48 } as const

/** Where no path is narrow, datagrams are at least this large, bytes of UDP payload (spec 2.10). */
const SMALLEST_BASE = 1216

/** The last port of the range that the user chose. */
export const highest = (port: number, outcome: "answers" | "silent" | "taken" | "untried"): Finding.Finding => {
  switch (outcome) {
    case "answers":
      return ok("highest port", `UDP port ${port} answers as well`)
    case "silent":
      return warning("highest port", `UDP port ${port} does not answer, though a lower one does`, [
        "The firewall lets in only a part of the range: later sessions would not connect.",
        ...openPortAdvice(port)
      ])
    case "taken":
      return skipped("highest port", `UDP port ${port} is in use`)
    case "untried":
      return skipped("highest port", `UDP port ${port} was not tried`)
  }
}

export const ended = (clean: boolean): Finding.Finding =>
  clean
    ? ok("end", "both sides confirmed the end of the session; nothing of it is left on the server")
    : warning("end", "the server did not confirm the end of the session", [
        "If its program still runs there, it ends by itself within a minute."
      ])

const percent = (share: number): string => `${(share * 100).toFixed(share > 0 && share < 0.1 ? 1 : 0)} %`

/** A median echo time from which the doctor warns, ms, and a share of lost datagrams. */
const SLOW = 1000
const MUCH = 0.1
