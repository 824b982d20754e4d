/**
 * What one check of `mosh --doctor` found.
 */

/** Only `failed` means that a session would not work. `skipped`: the check was impossible or unnecessary. */
export type Outcome = "ok" | "warning" | "failed" | "skipped"

/** What was checked: this machine, the ssh login, the server's machine, or UDP between the two. */
export type Section = "here" | "ssh" | "there" | "UDP"

export interface Finding {
  readonly section: Section
  /** What was checked, in one to three words. */
  readonly check: string
  readonly outcome: Outcome
  /** What was found, in one line. May hold unfiltered remote text: `Report` filters it. */
  readonly text: string
  /** What to do about it, line by line; empty if all is well. Unfiltered like `text`. */
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
