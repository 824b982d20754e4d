/**
 * What one check of `mosh --doctor` found.
 */

/** Only `failed` means that a session would not work. `skipped`: it could not be, or need not be, tried. */
export type Outcome = "ok" | "warning" | "failed" | "skipped"

/** Where it was looked: on this machine, on the way in by ssh, on the server, and between the two by UDP. */
export type Section = "here" | "ssh" | "there" | "UDP"

export interface Finding {
  readonly section: Section
  /** What was checked, in one to three words. */
  readonly check: string
  readonly outcome: Outcome
  /** What was found, for one line. May hold a stranger's words as they came: `Report` makes them harmless. */
  readonly text: string
  /** What to do about it, line by line; none where all is well. As `text`. */
  readonly next: ReadonlyArray<string>
}

/** The findings of one section. */
export const of = (section: Section) => {
  const finding =
    (outcome: Outcome) =>
    (check: string, text: string, next: ReadonlyArray<string> = []): Finding => ({
      section,
      check,
      outcome,
      text,
      next
    })
  return {
    ok: finding("ok"),
    warning: finding("warning"),
    failed: finding("failed"),
    skipped: finding("skipped")
  }
}
