/**
 * TCP downloads that share a narrow pipe with the datagrams of a `Link`, and keep its drop-tail queue full, as a pure
 * model: each flow sends a packet for each that is acknowledged, grows its window as CUBIC does (RFC 9438), and cuts it by
 * 30 % a round trip after a packet did not fit. What is left of the queue between two packets is what datagrams find.
 */

/** The pipe that the flows fill. */
export interface Pipe {
  /** Bits a second. */
  readonly bandwidth: number
  /** Bytes that may wait. */
  readonly queue: number
  /** One way, ms. The acknowledgements of the flows take the same time back. */
  readonly delay: number
}

export interface CrossTraffic {
  readonly flows: ReadonlyArray<Flow>
  /** What the senders of the flows learn of each packet under way, in the order in which they do. */
  readonly pending: ReadonlyArray<Packet>
  /** Until when the pipe is busy with what is in the queue, ms. */
  readonly busyUntil: number
}

interface Flow {
  /** Packets that may be under way, and that are. */
  readonly window: number
  readonly inFlight: number
  /** The window at the last cut, and when that was. */
  readonly most: number
  readonly cutAt: number
  /** Whether a packet has come that the receiver has not acknowledged yet: it acknowledges every second one. */
  readonly isHeld: boolean
}

interface Packet {
  readonly flow: number
  readonly sentAt: number
  /** When its sender learns what became of it. */
  readonly at: number
  readonly isLost: boolean
}

/** Bytes of a full-sized packet. */
export const PACKET = 1500
/** CUBIC's constants: packets a cubed second, and what is left of a window after a loss. */
const GROWTH = 0.4
const CUT = 0.7

/** Some flows that have been there for a while: their windows fill the queue, none is at the same point of its growth. */
export const init = (flows: number, pipe: Pipe, now: number, random: () => number): CrossTraffic => {
  const share = pipeful(pipe) / flows
  const started = {
    flows: Array.from({ length: flows }, () => {
      const window = share * (0.85 + 0.2 * random())
      return { window, inFlight: 0, most: share, cutAt: now - 5000 * random(), isHeld: false }
    }),
    pending: [],
    busyUntil: now
  }
  const draft = drafted(started)
  const most = Math.max(...draft.flows.map(({ window }) => window))
  for (let packet = 0; packet < most; packet++) for (let flow = 0; flow < flows; flow++) send(draft, flow, pipe, now)
  return draft
}

/** What the flows have done by `now`. */
export const advance = (traffic: CrossTraffic, pipe: Pipe, now: number): CrossTraffic => {
  if ((traffic.pending[0]?.at ?? Infinity) > now) return traffic
  const draft = drafted(traffic)
  let learned = 0
  for (let packet = draft.pending[0]; packet !== undefined && packet.at <= now; packet = draft.pending[++learned])
    learn(draft, packet, pipe)
  draft.pending.splice(0, learned)
  return draft
}

type Mutable<A> = { -readonly [K in keyof A]: A[K] }

interface Draft extends CrossTraffic {
  readonly flows: Array<Mutable<Flow>>
  readonly pending: Array<Packet>
  busyUntil: number
}

const drafted = ({ busyUntil, flows, pending }: CrossTraffic): Draft => ({
  flows: flows.map((flow) => ({ ...flow })),
  pending: [...pending],
  busyUntil
})

/** How many packets fill the queue and the way. */
const pipeful = ({ bandwidth, delay, queue }: Pipe): number => (queue + (bandwidth * 2 * delay) / 8000) / PACKET

/** A sender learns that its packet came, or that it did not. */
const learn = (draft: Draft, { at, flow: index, isLost, sentAt }: Packet, pipe: Pipe): void => {
  const flow = draft.flows[index] as Mutable<Flow>
  flow.inFlight--
  if (!isLost && !flow.isHeld) {
    flow.isHeld = true
    return
  }
  flow.isHeld = false
  if (isLost) {
    // Further losses of the same round trip are one.
    if (sentAt > flow.cutAt) {
      flow.most = flow.window
      flow.window = Math.max(2, flow.window * CUT)
      flow.cutAt = at
    }
  } else {
    const still = Math.cbrt((flow.most * (1 - CUT)) / GROWTH)
    const target = GROWTH * ((at - flow.cutAt) / 1000 - still) ** 3 + flow.most
    // Two packets for each acknowledgement, so two steps of a window's growth.
    if (target > flow.window) flow.window += 2 * Math.min(0.5, (target - flow.window) / flow.window)
  }
  while (flow.inFlight < Math.floor(flow.window)) send(draft, index, pipe, at)
}

const send = (draft: Draft, index: number, { bandwidth, delay, queue }: Pipe, now: number): void => {
  const flow = draft.flows[index] as Mutable<Flow>
  if (flow.inFlight >= Math.floor(flow.window)) return
  const start = Math.max(now, draft.busyUntil)
  const isLost = ((start - now) * bandwidth) / 8000 + PACKET > queue
  if (!isLost) draft.busyUntil = start + (PACKET * 8000) / bandwidth
  flow.inFlight++
  draft.pending.push({ flow: index, sentAt: now, at: Math.max(start, draft.busyUntil) + 2 * delay, isLost })
}
