/**
 * Medians and percentiles of samples, and the cost of functions.
 */

export interface Summary {
  readonly min: number
  readonly median: number
  readonly mean: number
  readonly p95: number
  readonly p99: number
  readonly max: number
  readonly count: number
}

export const summary = (samples: ReadonlyArray<number>): Summary => {
  const sorted = samples.toSorted((a, b) => a - b)
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN
  const sum = sorted.reduce((total, sample) => total + sample, 0)
  return {
    min: at(0),
    median: at(0.5),
    mean: sum / sorted.length,
    p95: at(0.95),
    p99: at(0.99),
    max: at(1),
    count: sorted.length
  }
}

/** Microseconds since an arbitrary start. */
export const microseconds = (): number => Number(process.hrtime.bigint()) / 1000

/** The median cost of one `act`, µs, over batches that are long enough for the clock, after a warm-up. */
export const costOf = (act: (round: number) => void, batches = 60, batch = 200): Summary => {
  for (let round = 0; round < batch * 10; round++) act(round)
  const samples: Array<number> = []
  for (let index = 0; index < batches; index++) {
    const start = microseconds()
    for (let round = 0; round < batch; round++) act(index * batch + round)
    samples.push((microseconds() - start) / batch)
  }
  return { ...summary(samples), count: batches * batch }
}
