/**
 * Decides which rows of a session's history to send to a client, and when.
 *
 * Rows are sent from the oldest on, as fast as the stream accepts them. While a program prints faster than anyone reads, none
 * are sent: most of them would be pushed out of the ring in the meantime, and the client would receive scraps. When the
 * flood is over, the client receives one record that counts the missing rows, and then all rows of the ring. Nothing is held
 * besides the ring and one batch.
 *
 * A program that floods may pause: for a disk, or because another process has the processor. To send the whole ring in each
 * pause would cost both ends more than the flood. So the pause that ends a flood is as long as it takes to print what waits
 * at `WORTH_SENDING`: a short listing arrives at once, a full ring of 10,000 rows after half a second of calm.
 *
 * A flood begins slowly at a host that was idle. So the first rows after a time without any, or after a flood, wait until a round
 * has few rows, or until the program has printed for `STEADY` without a flood. What is sent in a flood is read, encoded, compressed
 * and drawn while the program wants the processor.
 *
 * Laws: each row is sent once, in order, or counted as missing. Of a program that prints at most `FLOOD`, no row waits longer than
 * `STEADY` and `CALM`; of one that prints at most `FEW` in a round, none waits.
 * However a program floods and pauses, at most `WORTH_SENDING` rows are sent a millisecond, apart from one batch.
 */
import * as Bytes from "effect/Bytes"
import * as HistoryRecord from "../wire/streams/HistoryRecord.ts"
import type { Millis } from "../Machine.ts"
import type { History } from "./History.ts"
import * as CompactRow from "./CompactRow.ts"
import * as Erasure from "./Erasure.ts"
import * as HistoryReader from "./HistoryReader.ts"

/** The time between two batches, ms. */
export const ROUND: Millis = 20

/** The size from which on a batch takes no further record, bytes. */
const BATCH = 65_536
/** More rows than this a millisecond are a flood. */
export const FLOOD = 5
/** Of the rows that wait when a flood pauses, so many a millisecond of the pause are worth sending. */
export const WORTH_SENDING = 20
/** The shortest pause that ends a flood, ms. */
export const CALM: Millis = 2 * ROUND
/** A round with at most so many rows begins no flood. */
export const FEW = 20
/** A program that prints for so long, ms, without a flood does not begin one: its rows are sent as they come. */
export const STEADY: Millis = 200

/** What a client understands. */
export interface Understanding {
  /** Cells with an explicit width (`Features.widths`). */
  readonly widths: boolean
  /** Rows that the program erased (`Features.erasures`). */
  readonly erasures: boolean
}

/** What was sent so far. It belongs to `next`, which changes it in place. */
export interface HistoryPump {
  readonly reader: HistoryReader.HistoryReader
  readonly client: Understanding
  /** `History.end` in the round before, and when that was. */
  end: number
  at: Millis
  /** When the last flood was noticed. */
  floodedAt: Millis
  /** When rows came after a time without any. */
  resumedAt: Millis
  /** When more than `FEW` rows came in a round that might have been the first of a flood. */
  hurriedAt: Millis
}

const EVERYTHING: Understanding = { widths: true, erasures: true }

/** A pump that begins with the oldest row. */
export const make = (history: History, now: Millis, client = EVERYTHING): HistoryPump => ({
  client,
  reader: HistoryReader.make(history, history.first),
  end: history.end,
  at: now,
  floodedAt: -Infinity,
  resumedAt: now,
  hurriedAt: -Infinity
})

/** Whether there is something to send. */
export const isIdle = (history: History, { reader }: HistoryPump): boolean =>
  reader.next === history.end && reader.erased === history.erased

/** The history has changed while there was nothing to send: what is new came just now. */
export const resumed = (pump: HistoryPump, now: Millis): void => {
  pump.at = now
  pump.resumedAt = now
}

/**
 * The records to send in this round, in one piece; `undefined` if there are none, or not now (`isIdle` tells). To be called
 * again after `ROUND`, or if `isIdle` after the history has changed (`resumed`). `isLast`: no more rows will come, so do not
 * wait.
 */
export const next = (history: History, pump: HistoryPump, now: Millis, isLast: boolean): Uint8Array | undefined => {
  const { reader } = pump
  const grown = history.end - pump.end
  const elapsed = Math.max(ROUND, now - pump.at)
  pump.end = history.end
  pump.at = now
  if (grown > FLOOD * elapsed) pump.floodedAt = now
  if (grown > FEW && now < Math.max(pump.floodedAt, pump.resumedAt) + STEADY) pump.hurriedAt = now
  const waiting = history.end - Math.max(reader.next, history.first)
  const floodsUntil = pump.floodedAt + Math.max(CALM, waiting / WORTH_SENDING)
  if (now < Math.max(floodsUntil, pump.hurriedAt + CALM) && !isLast) return undefined
  const records: Array<Uint8Array> = []
  let length = 0
  while (length < BATCH) {
    const record = HistoryReader.read(history, pump.reader)
    if (record === undefined) break
    const encoded = HistoryRecord.encode(
      record._tag === "Row" ? { ...record, bytes: understood(record.bytes, pump.client) } : record
    )
    records.push(encoded)
    length += encoded.length
  }
  if (length === 0) return undefined
  return Bytes.concat(records)
}

const understood = (row: Uint8Array, { erasures, widths }: Understanding): Uint8Array => {
  const plain = widths ? row : CompactRow.plain(row)
  return erasures ? plain : Erasure.without(plain)
}
