/**
 * A 64-bit little-endian ELF file as the dynamic loader sees it: its segments, and the table of what it is to load.
 */

/** Of the machine (x86-64), of the file (linked to a fixed address), of a segment and its permission to execute. */
export const X86_64 = 62
export const FIXED_ADDRESS = 2
export const LOADED = 1
export const EXECUTABLE = 1
const DYNAMIC = 2

/** What an entry of the dynamic table tells: a library, or where one of the loader's tables is, or its size. */
export const TAG = {
  end: 0,
  needed: 1,
  pltSize: 2,
  strings: 5,
  symbols: 6,
  relocations: 7,
  relocationsSize: 8,
  plt: 23,
  versions: 0x6ffffffe,
  versionsCount: 0x6fffffff
} as const

const RELOCATION_SIZE = 24
const SYMBOL_SIZE = 24
const ENTRY_SIZE = 16

export interface Segment {
  /** Where its header is in the file. */
  readonly header: number
  readonly type: number
  readonly flags: number
  readonly offset: number
  readonly address: number
  readonly size: number
}

export interface Entry {
  readonly tag: number
  readonly value: number
}

export interface Elf {
  readonly machine: number
  readonly type: number
  readonly segments: ReadonlyArray<Segment>
  readonly entries: ReadonlyArray<Entry>
  /** The value of the first entry of that tag; 0 without one. */
  readonly value: (tag: number) => number
  /** Where the file has what is at an address in memory. */
  readonly place: (address: number) => number
  /** A string of the loader's table. */
  readonly string: (offset: number) => string
  /** Where the file has each relocation, and the name of the symbol that it is for. */
  readonly relocations: () => ReadonlyArray<{ readonly at: number; readonly symbol: string }>
}

export const word = (file: Buffer, at: number): number => Number(file.readBigUInt64LE(at))
export const writeWord = (file: Buffer, at: number, value: number): void =>
  void file.writeBigUInt64LE(BigInt(value), at)

export const read = (file: Buffer): Elf => {
  const segments = Array.from({ length: file.readUInt16LE(56) }, (_, index): Segment => {
    const header = word(file, 32) + index * file.readUInt16LE(54)
    return {
      header,
      type: file.readUInt32LE(header),
      flags: file.readUInt32LE(header + 4),
      offset: word(file, header + 8),
      address: word(file, header + 16),
      size: word(file, header + 32)
    }
  })
  const place = (address: number): number => {
    const loaded = segments.filter(({ type }) => type === LOADED)
    const holding = loaded.find((segment) => address >= segment.address && address < segment.address + segment.size)
    if (holding === undefined) throw new Error(`nothing is at the address ${address}`)
    return address - holding.address + holding.offset
  }
  const dynamic = segments.find(({ type }) => type === DYNAMIC)
  const entries = Array.from({ length: (dynamic?.size ?? 0) / ENTRY_SIZE }, (_, index): Entry => {
    const at = (dynamic?.offset ?? 0) + index * ENTRY_SIZE
    return { tag: word(file, at), value: word(file, at + 8) }
  })
  const value = (tag: number): number => entries.find((entry) => entry.tag === tag)?.value ?? 0
  const string = (offset: number): string => {
    const start = place(value(TAG.strings)) + offset
    return file.toString("latin1", start, file.indexOf(0, start))
  }
  const table = (tag: number, size: number) =>
    Array.from({ length: value(size) / RELOCATION_SIZE }, (_, index) => {
      const at = place(value(tag)) + index * RELOCATION_SIZE
      const symbol = place(value(TAG.symbols)) + file.readUInt32LE(at + 12) * SYMBOL_SIZE
      return { at, symbol: string(file.readUInt32LE(symbol)) }
    })
  return {
    machine: file.readUInt16LE(18),
    type: file.readUInt16LE(16),
    segments,
    entries,
    value,
    place,
    string,
    relocations: () => [...table(TAG.relocations, TAG.relocationsSize), ...table(TAG.plt, TAG.pltSize)]
  }
}

/** Writes other entries over the dynamic table; what is left of it is no longer read. */
export const writeEntries = (file: Buffer, { segments }: Elf, entries: ReadonlyArray<Entry>): void => {
  const start = segments.find(({ type }) => type === DYNAMIC)?.offset ?? 0
  for (const [index, { tag, value }] of [...entries, { tag: TAG.end, value: 0 }].entries()) {
    writeWord(file, start + index * ENTRY_SIZE, tag)
    writeWord(file, start + index * ENTRY_SIZE + 8, value)
  }
}
