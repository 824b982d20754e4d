/**
 * The doctor's report: a table of findings that users read, and paste into requests for help.
 */
import type { Finding, Outcome, Section } from "./Finding.ts"

export interface Style {
  readonly colors: boolean
}

/** The line above the findings of a section. `place` is the machine, as the user named it. */
export const heading = (section: Section, place: string): string =>
  ({
    here: "here",
    ssh: `ssh to ${plain(place)}`,
    there: `there, on ${plain(place)}`,
    UDP: `UDP to ${plain(place)}`
  })[section]

/** One finding, as one line. */
export const row = ({ check, outcome, text }: Finding, style: Style): string =>
  `  ${check.padEnd(CHECK_WIDTH)} ${paint(outcome.padEnd(OUTCOME_WIDTH), outcome, style)} ${plain(text)}`.trimEnd()

/** The lines below the table: what to do, the verdict, and what the report discloses. */
export const closing = (findings: ReadonlyArray<Finding>): ReadonlyArray<string> => {
  // Each piece of advice appears once.
  const advised = new Set<string>()
  const steps = findings.flatMap(({ check, next }) => {
    const fresh = next.filter((line) => !advised.has(line))
    fresh.forEach((line) => advised.add(line))
    return fresh.length === 0 ? [] : [`  ${check}:`, ...fresh.map((line) => `    ${plain(line)}`)]
  })
  return [
    ...(steps.length === 0 ? [] : ["", "What to do:", ...steps]),
    "",
    verdict(findings),
    "This report names hosts, addresses, paths and versions. It holds no key and no password."
  ]
}

/** 0 when a session would work, else 1. */
export const exitCode = (findings: ReadonlyArray<Finding>): number => (count(findings, "failed") === 0 ? 0 : 1)

/** Remote text as one bounded line, without control sequences and without a session's key. */
export const plain = (text: string): string => {
  const clean = text
    .slice(0, 4 * LONGEST)
    .replace(ESCAPES, "")
    .replace(UNPRINTABLE, " ")
    .replace(KEY, "$1 (a key)")
    .trimEnd()
  return clean.length > LONGEST ? `${clean.slice(0, LONGEST)}…` : clean
}

const verdict = (findings: ReadonlyArray<Finding>): string => {
  const failed = count(findings, "failed")
  if (failed > 0) return `A session would not work: ${failed} of ${findings.length} checks failed.`
  const warnings = count(findings, "warning")
  return warnings === 0
    ? "A session would work."
    : `A session would work; ${warnings} of ${findings.length} checks warn.`
}

const count = (findings: ReadonlyArray<Finding>, outcome: Outcome): number =>
  findings.filter((finding) => finding.outcome === outcome).length

const paint = (text: string, outcome: Outcome, { colors }: Style): string =>
  colors ? `\x1b[${COLORS[outcome]}m${text}\x1b[m` : text

const COLORS: Readonly<Record<Outcome, string>> = { ok: "32", warning: "33", failed: "1;31", skipped: "2" }

const CHECK_WIDTH = 14
const OUTCOME_WIDTH = 8
const LONGEST = 300

/** Whole control sequences: removing the escape alone would leave the rest as text. */
const ESCAPES = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?)/g
const KEY = /(MOSH CONNECT\s*\S*)\s.*/g
/** Controls, line separators, and characters that change the writing direction. */
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]+/g
