/**
 * A pure model of TCP downloads that share a bottleneck with the datagrams of a `Link`, and keep its drop-tail queue full.
 *
 * Each flow sends a packet for each acknowledged one, grows its window as CUBIC does (RFC 9438), and reduces it by 30 % one
 * round trip after a packet was dropped. Datagrams find the queue as the flows left it.
 */

/** The bottleneck that the flows fill. */
export interface Pipe {
  /** Bits per second. */
  readonly bandwidth: number
  /** Capacity of the queue, bytes. */
  readonly queue: number
  /** One-way delay, ms. Acknowledgements of the flows take the same time back. */
  readonly delay: number
}

export interface CrossTraffic {
  readonly flows: ReadonlyArray<Flow>
  /** For each packet in flight, what its sender will learn, in order of time. */
  readonly pending: ReadonlyArray<Packet>
  /** When the bottleneck will have sent the queue, ms. */
  readonly busyUntil: number
}

interface Flow {
  /** Packets that may be in flight, and packets that are. */
  readonly window: number
  readonly inFlight: number
  /** The window before its last reduction, and the time of that. */
  readonly most: number
  readonly cutAt: number
  /** Whether the receiver has a packet that it has not acknowledged: it acknowledges every second one. */
  readonly isHeld: boolean
}

interface Packet {
  readonly flow: number
  readonly sentAt: number
  /** When its sender learns that it arrived or was dropped. */
  readonly at: number
  readonly isLost: boolean
}

/** Size of a full packet, bytes. */
export const PACKET = 1500
/** CUBIC's constants: packets per cubed second, and the factor of a window after a loss. */
const GROWTH = 0.4
const CUT = 0.7

/** Flows in a steady state: their windows fill the queue, each at another point of its growth. */
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

/** The flows at the time `now`. */
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

/** Number of packets that fill the queue and the path. */
const pipeful = ({ bandwidth, delay, queue }: Pipe): number => (queue + (bandwidth * 2 * delay) / 8000) / PACKET

/** A sender learns that its packet arrived, or was dropped. */
const learn = (draft: Draft, { at, flow: index, isLost, sentAt }: Packet, pipe: Pipe): void => {
  const flow = draft.flows[index] as Mutable<Flow>
  flow.inFlight--
  if (!isLost && !flow.isHeld) {
    flow.isHeld = true
    return
  }
  flow.isHeld = false
  if (isLost) {
    // Further losses in the same round trip count as one.
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
