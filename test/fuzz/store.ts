/**
 * Inputs as files: those that did something new in earlier runs, findings that are not understood yet, and findings
 * kept as tests.
 */
import { createHash } from "node:crypto"
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** Beside the project, not part of it. */
const WORK = at("../../.fuzz")
/** Findings that were fixed: `npm test` tries them all. */
const KEPT = at("./findings")

const inputsIn = (directory: string): ReadonlyArray<Uint8Array> =>
  existsSync(directory)
    ? readdirSync(directory)
        .filter((file) => !file.endsWith(".txt"))
        .sort()
        .map((file) => readFileSync(`${directory}/${file}`))
    : []

export const corpus = (target: string): ReadonlyArray<Uint8Array> => inputsIn(`${WORK}/corpus/${target}`)
export const kept = (target: string): ReadonlyArray<Uint8Array> => inputsIn(`${KEPT}/${target}`)

const write = (directory: string, input: Uint8Array): string => {
  mkdirSync(directory, { recursive: true })
  const file = `${directory}/${createHash("sha256").update(input).digest("hex").slice(0, 16)}`
  writeFileSync(file, input)
  return file
}

export const keep = (target: string, input: Uint8Array): string => write(`${WORK}/corpus/${target}`, input)

/** The file of the input. A text beside it describes what is wrong. */
export const find = (target: string, input: Uint8Array, words: string): string => {
  const file = write(`${WORK}/findings/${target}`, input)
  writeFileSync(`${file}.txt`, words)
  return file
}
