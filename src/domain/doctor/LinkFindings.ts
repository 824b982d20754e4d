/**
 * Whether UDP gets through, both ways, and how well.
 */
import type { BootstrapError } from "../bootstrap/BootstrapError.ts"
import type { ServerEndpoint } from "../bootstrap/BootstrapTranscript.ts"
import { openPortAdvice, openRangeAdvice } from "../arguments/OpenPorts.ts"
import type { PortRange } from "../arguments/PortRange.ts"
import * as EchoTimes from "./EchoTimes.ts"
import * as Finding from "./Finding.ts"

const { failed, ok, skipped, warning } = Finding.of("UDP")

/** There is none to be started. */
export const NO_SERVER: Finding.Finding = skipped("contact", "no server to speak with")

/** The server started. */
export const started = ({ address, addressUncertain, port }: ServerEndpoint): Finding.Finding => {
  const text = `a session waits on UDP port ${port} of ${address}`
  return addressUncertain ? ok("start", `${text}, as that machine calls itself`) : ok("start", text)
}

/** It did not; `said` is what was heard instead. */
export const notStarted = (error: BootstrapError, said: ReadonlyArray<string>): Finding.Finding => {
  const [first = "", ...others] = error.message.split("\n")
  return failed("start", first.replace(ABOVE, ""), [...said.map((line) => `It said: ${line}`), ...others])
}

/** In a report its words are not above. */
const ABOVE = /; (?:its own words are|what it said is) above/

/** It was given up after so many seconds. */
export const notStartedInTime = (seconds: number, said: ReadonlyArray<string>): Finding.Finding =>
  failed(
    "start",
    `mosh-server told no port within ${seconds} s`,
    said.map((line) => `It said: ${line}`)
  )

/** Nothing can be sent from here. */
export const noSocket = (reason: string): Finding.Finding =>
  failed("contact", reason, ["The server that was started for this ends by itself within a minute."])

export const contact = ({ address, port }: ServerEndpoint, ms: number): Finding.Finding =>
  ok("contact", `UDP port ${port} of ${address} answers, after ${ms} ms`)

export interface Silence {
  readonly server: ServerEndpoint
  readonly seconds: number
  /** The system's words about our datagrams, if it had any. */
  readonly trouble: string | undefined
  /** The ports that the person chose. */
  readonly ports: PortRange | undefined
  /** What is on the server's machine to keep UDP out. */
  readonly firewalls: ReadonlyArray<string>
  readonly operand: string
}

export const noContact = ({ firewalls, operand, ports, seconds, server, trouble }: Silence): Finding.Finding =>
  failed(
    "contact",
    `nothing came back on UDP port ${server.port} of ${server.address} within ${seconds} s` +
      (trouble === undefined ? "" : ` (${trouble.replace(/\.$/, "")})`),
    [
      "Most likely a firewall, there or in between, drops UDP.",
      ...(firewalls.length === 0 ? [] : [`Seen running there: ${firewalls.join(", ")}.`]),
      ...(ports === undefined || ports.low === 0 ? openPortAdvice(server.port) : openRangeAdvice(ports)),
      ...(server.addressUncertain
        ? [
            `Or ${server.address} leads elsewhere from here: it is what that machine calls itself, perhaps behind a`,
            `translation of addresses. Then try: mosh --experimental-remote-ip=local ${operand}`
          ]
        : []),
      "The server that was started for this ends by itself within a minute."
    ]
  )

/** `srtt`: the smoothed round trip of the datagrams themselves. */
export const roundTrip = (times: EchoTimes.EchoTimes, srtt: number | undefined): Finding.Finding => {
  const spread = EchoTimes.spread(times)
  const { length } = times.typed
  if (spread === undefined) {
    return failed("round trip", `none of ${length} keys typed was ever echoed`, [
      "Datagrams arrive, but the program in the session does not answer. Look whether it is the login that blocks:",
      "a session needs sh, and a terminal (pty) for it."
    ])
  }
  const text =
    `least ${spread.least}, median ${spread.median}, most ${spread.most} ms from key to echo, ` +
    `${times.took.length} of ${length} keys${srtt === undefined ? "" : `; datagrams alone ${Math.round(srtt)} ms`}`
  return spread.median < SLOW
    ? ok("round trip", text)
    : warning("round trip", text, ["A session works, but slowly: something on the way keeps datagrams waiting."])
}

export interface Losses {
  /** The share of the server's datagrams that never came, 0 to 1; `undefined` when too few were seen. */
  readonly lossIn: number | undefined
  /** How often we had to say something once more. */
  readonly retransmissions: number
  /** How many datagrams we sent, and how many came. */
  readonly sent: number
  readonly received: number
}

export const loss = ({ lossIn, received, retransmissions, sent }: Losses): Finding.Finding => {
  const theirs =
    lossIn === undefined
      ? `too few of the server's datagrams came to tell (${received})`
      : `${percent(lossIn)} of the server's ${Math.round(received / Math.max(1 - lossIn, 0.01))} datagrams never came`
  const text = `${theirs}; of the ${sent} sent to it, ${retransmissions} repeated something`
  return (lossIn ?? 0) < MUCH
    ? ok("loss", text)
    : warning("loss", text, [
        "A session works, but late at times: the network loses much. A cable, or another one, may help."
      ])
}

export interface FullSize {
  readonly server: ServerEndpoint
  /** Whether datagrams of the full size came through; `undefined` where that could not be tried. */
  readonly toUs: boolean | undefined
  readonly toServer: boolean | undefined
  /** Whether this machine itself refused to send any: then smaller ones are sent instead. */
  readonly refused: boolean
  readonly seconds: number
  readonly lossIn: number | undefined
}

export const fullSize = ({ lossIn, refused, seconds, server, toServer, toUs }: FullSize): Finding.Finding => {
  if (toUs === undefined && toServer === undefined) return skipped("full size", "could not be tried")
  const packets = `packets of ${server.address.includes(":") ? LARGEST.IPv6 : LARGEST.IPv4} bytes`
  if (toUs !== false && toServer !== false) {
    if (refused) return ok("full size", `${packets} are too large for the way out of here; smaller ones pass`)
    const where = toUs === undefined ? "to the server; the other way could not be tried" : "in both directions"
    return ok("full size", `${packets} pass ${where}`)
  }
  const text = `${packets} ${toUs === false ? "from" : "to"} the server did not pass within ${seconds} s`
  const next = [
    "Small packets pass, and large ones do not: a session would stop at its first full screen.",
    "Something on the way (a VPN, a tunnel, PPPoE) has a smaller MTU, or drops fragments: raise it there."
  ]
  return (lossIn ?? 0) < MUCH ? failed("full size", text, next) : warning("full size", text, next)
}

/** The largest packets that mosh sends, with their headers of IP and UDP (spec 2.10). */
const LARGEST = { IPv4: 1280, IPv6: 1264 } as const

/** The other end of the range that was asked for. */
export const highest = (port: number, outcome: "answers" | "silent" | "taken" | "untried"): Finding.Finding => {
  switch (outcome) {
    case "answers":
      return ok("highest port", `UDP port ${port} answers too`)
    case "silent":
      return warning("highest port", `UDP port ${port} does not answer, though a lower one does`, [
        "The firewall lets in only a part of the range: later sessions would not connect.",
        ...openPortAdvice(port)
      ])
    case "taken":
      return skipped("highest port", `no server can take UDP port ${port} now`)
    case "untried":
      return skipped("highest port", `UDP port ${port} was not tried`)
  }
}

export const ended = (clean: boolean): Finding.Finding =>
  clean
    ? ok("end", "both sides know that the session is over; nothing is left of it there")
    : warning("end", "the server did not confirm the end of the session", [
        "If its program still runs there, it ends by itself within a minute."
      ])

const percent = (share: number): string => `${(share * 100).toFixed(share > 0 && share < 0.1 ? 1 : 0)} %`

/** A median echo slower than this, ms, and a share of lost datagrams from this on, are worth a word. */
const SLOW = 1000
const MUCH = 0.1
