/**
 * The pinned Node takes one function from `libatomic.so.1`, a library that machines without a compiler often do not have.
 * On x86-64 that function is eight instructions, so the executable is given them, and asks for the library no more.
 */
import * as Elf from "./elf.ts"

const LIBRARY = "libatomic.so.1"
const FUNCTION = "__atomic_compare_exchange"

/** `bool (size, pointer, expected, desired, ...)` for the one size that V8 asks for; any other stops the process. */
// oxfmt-ignore
const CODE = Uint8Array.of(
  0x48, 0x83, 0xff, 0x08, //        cmp rdi, 8
  0x75, 0x12, //                    jne other
  0x48, 0x8b, 0x02, //              mov rax, [rdx]
  0x48, 0x8b, 0x09, //              mov rcx, [rcx]
  0xf0, 0x48, 0x0f, 0xb1, 0x0e, //  lock cmpxchg [rsi], rcx
  0x48, 0x89, 0x02, //              mov [rdx], rax
  0x0f, 0x94, 0xc0, //              sete al
  0xc3, //                          ret
  0x0f, 0x0b //              other: ud2
)

const PAGE = 4096
const RELOCATION_SIZE = 24

/**
 * Changes an executable in place, so that it does not need the library. What is returned is why it still does;
 * nothing, when it does not.
 */
export const doWithout = (file: Buffer): string | undefined => {
  const elf = Elf.read(file)
  const isLibrary = ({ tag, value }: Elf.Entry): boolean => tag === Elf.TAG.needed && elf.string(value) === LIBRARY
  if (!elf.entries.some(isLibrary)) return undefined
  if (elf.machine !== Elf.X86_64) return "the function is known for x86-64 only"
  if (elf.type !== Elf.FIXED_ADDRESS) return "the executable has no fixed address"

  const uses = elf.relocations().filter(({ symbol }) => symbol.startsWith("__atomic_"))
  const [use] = uses
  if (use?.symbol !== FUNCTION || uses.length !== 1) return `it is used for ${uses.map(({ symbol }) => symbol).join()}`
  const versions = elf.place(elf.value(Elf.TAG.versions))
  if (elf.string(file.readUInt32LE(versions + 4)) !== LIBRARY) return "another library's versions come first"

  // A segment is loaded in whole pages: behind its end is room.
  const code = elf.segments.find(({ flags, type }) => type === Elf.LOADED && (flags & Elf.EXECUTABLE) !== 0)
  if (code === undefined) return "the executable has no code"
  const end = code.offset + code.size
  const room = file.subarray(end, Math.ceil(end / PAGE) * PAGE)
  if (room.length < CODE.length || room.some((byte) => byte !== 0)) return "there is no room behind the code"

  room.set(CODE)
  for (const size of [code.header + 32, code.header + 40]) Elf.writeWord(file, size, code.size + CODE.length)
  // Where the loader would have written the function's address, it stands already.
  Elf.writeWord(file, elf.place(Elf.word(file, use.at)), code.address + code.size)
  file.fill(0, use.at, use.at + RELOCATION_SIZE)
  Elf.writeEntries(
    file,
    elf,
    elf.entries
      .filter((entry) => !isLibrary(entry))
      .map(({ tag, value }) => {
        if (tag === Elf.TAG.versions) return { tag, value: value + file.readUInt32LE(versions + 12) }
        return { tag, value: tag === Elf.TAG.versionsCount ? value - 1 : value }
      })
  )
  return undefined
}
