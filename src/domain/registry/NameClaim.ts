/**
 * Decides which of several starting sessions gets a name, without a lock.
 *
 * A starting session publishes its claim, then reads the other claims to the name. If two sessions publish at the same time, at
 * least one of them reads the claim of the other. The claim of a process that ended counts as absent.
 */

/** Another session's claim to the name. */
export interface Claim {
  readonly pid: number
  /** Whether that session has the name: it can be found by it. */
  readonly isHeld: boolean
}

/** A session's own claim. */
export interface Own {
  readonly pid: number
  readonly isPublished: boolean
}

export type Verdict =
  /** The name is free: take it. */
  | { readonly _tag: "Take" }
  /** The session `pid` has the name. */
  | { readonly _tag: "Taken"; readonly pid: number }
  /** Publish the claim, and read the others again. */
  | { readonly _tag: "Publish" }
  /** Remove the claim, and read the others again. */
  | { readonly _tag: "Withdraw" }
  /** Read the others again a little later. */
  | { readonly _tag: "Wait" }

/**
 * What to do after reading `others`, all of them read after the own claim was published. Of several claims that are not held, the
 * lowest process id has priority: the others withdraw theirs, and it waits for that.
 */
export const decide = ({ isPublished, pid }: Own, others: ReadonlyArray<Claim>): Verdict => {
  const holder = others.find(({ isHeld }) => isHeld)
  if (holder !== undefined) return { _tag: "Taken", pid: holder.pid }
  if (others.some((other) => other.pid < pid)) return isPublished ? { _tag: "Withdraw" } : { _tag: "Wait" }
  if (!isPublished) return { _tag: "Publish" }
  return others.length > 0 ? { _tag: "Wait" } : { _tag: "Take" }
}
