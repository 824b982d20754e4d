/**
 * Decides which rows of a session's history to send to a client, and when.
 *
 * Rows are sent from the oldest on, as fast as the stream accepts them. While a program prints faster than anyone reads, none
 * are sent: most of them would be pushed out of the ring in the meantime, and the client would receive scraps. When the
 * flood is over, the client receives one record that counts the missing rows, and then all rows of the ring. Nothing is held
 * besides the ring and one batch.
 */
import * as HistoryRecord from "../wire/HistoryRecord.ts"
import type { Millis } from "../Machine.ts"
import type { History } from "../terminal/History.ts"
import * as HistoryReader from "../terminal/HistoryReader.ts"

/** The time between two batches, ms. */
export const ROUND: Millis = 20

/** The size from which on a batch takes no further record, bytes. */
const BATCH = 65_536
/** More rows than this in one round are a flood: 5,000 a second. */
const FLOOD_ROWS = 100
/** How many rounds without a flood end it. */
const CALM_ROUNDS = 2

/** What was sent so far. It belongs to `next`, which changes it in place. */
export interface HistoryPump {
  readonly reader: HistoryReader.HistoryReader
  /** `History.end` in the round before. */
  end: number
  /** For how many rounds to wait before rows are sent again. */
  waiting: number
}

/** A pump that begins with the oldest row. */
export const make = (history: History): HistoryPump => ({
  reader: HistoryReader.make(history, history.first),
  end: history.end,
  waiting: 0
})

/** Whether there is something to send. */
export const isIdle = (history: History, { reader }: HistoryPump): boolean =>
  reader.next === history.end && reader.erased === history.erased

/**
 * The records to send in this round, in one piece; `undefined` if there are none, or not now (`isIdle` tells). To be called
 * again after `ROUND`, or if `isIdle` after the history has changed. `isLast`: no more rows will come, so do not wait.
 */
export const next = (history: History, pump: HistoryPump, isLast: boolean): Uint8Array | undefined => {
  const grown = history.end - pump.end
  pump.end = history.end
  if (grown > FLOOD_ROWS) pump.waiting = CALM_ROUNDS
  else if (pump.waiting > 0) pump.waiting--
  if (pump.waiting > 0 && !isLast) return undefined
  const records: Array<Uint8Array> = []
  let length = 0
  while (length < BATCH) {
    const record = HistoryReader.read(history, pump.reader)
    if (record === undefined) break
    const encoded = HistoryRecord.encode(record)
    records.push(encoded)
    length += encoded.length
  }
  if (length === 0) return undefined
  const bytes = new Uint8Array(length)
  let at = 0
  for (const record of records) {
    bytes.set(record, at)
    at += record.length
  }
  return bytes
}
