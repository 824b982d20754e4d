/**
 * Recovery after a network was interrupted, or lost the client's address. There is no typing unless an interruption says
 * so.
 */
import { setTimeout as sleep } from "node:timers/promises"
import { type Pairing, startEnds } from "./network-ends.ts"
import { ROUND_TRIP, type Trouble } from "./network-links.ts"

/** Interval between the words that a program prints without input, s. */
const WORD = 0.2
const PATIENCE = 30_000

const script = ({ kind, seconds }: Trouble): string => {
  if (kind === "roam") return "stty -icanon; printf READY; exec cat >/dev/null"
  if (kind === "rebinding") return `i=0; echo READY; while sleep ${WORD}; do i=$((i+1)); echo word$i; done`
  return `stty -icanon -echo; printf READY; read x; sleep ${1 + seconds / 2}; echo NEWS; exec cat >/dev/null`
}

/** Time from the network's return to the correct screen, ms. */
export const recovery = async (pairing: Pairing, trouble: Trouble, seed: number): Promise<number> => {
  let draw: ((at: number) => void) | undefined
  await using ends = await startEnds({
    pairing,
    script: script(trouble),
    seed,
    prediction: false,
    prepare: (relay) => relay.shape("both", { delay: ROUND_TRIP / 2 }),
    onScreen: () => draw?.(performance.now())
  })
  const { client, position, relay } = ends
  // At different phases of the heartbeat.
  await sleep(2000 + ((seed * 617) % 3000))

  const { kind, moves, seconds } = trouble
  if (kind === "blackout") {
    client.write("\n")
    await sleep(1000)
    relay.shape("both", { loss: 1 })
    await sleep(seconds * 1000)
    const news = client.until((drawn) => drawn.includes("NEWS"), PATIENCE)
    if (moves) await relay.roam()
    relay.shape("both", { loss: 0 })
    const start = performance.now()
    await news
    return performance.now() - start
  }

  const before = position()
  await relay.roam()
  const start = performance.now()
  if (kind === "roam") client.write("x")
  return await new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`not recovered within ${PATIENCE} ms`)), PATIENCE)
    draw = (at) => {
      // Datagrams in flight to the former address are still drawn.
      if (kind === "roam" ? position() === before : at - start <= ROUND_TRIP / 2) return
      clearTimeout(timer)
      draw = undefined
      resolve(at - start)
    }
  })
}

/** Datagrams per idle minute, in both directions. */
export const idle = async (pairing: Pairing, seed: number): Promise<number> => {
  await using ends = await startEnds({
    pairing,
    script: "printf READY; exec cat >/dev/null",
    seed,
    prediction: false,
    prepare: (relay) => relay.shape("both", { delay: ROUND_TRIP / 2 }),
    onScreen: () => {}
  })
  const { relay } = ends
  await sleep(5000)
  const count = () => relay.traffic.toServer.datagrams + relay.traffic.toClient.datagrams
  const before = count()
  await sleep(60_000)
  return count() - before
}
