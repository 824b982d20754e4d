/**
 * Mistakes about sessions that outlive their clients, and their names.
 */
import type { Fault } from "./Fault.ts"

export const nameFaults: ReadonlyArray<Fault> = [
  {
    name: "name-twice",
    what: "gives a name to two sessions that start at once",
    file: "domain/registry/NameClaim.ts",
    original: 'return others.length > 0 ? { _tag: "Wait" } : { _tag: "Take" }',
    mistaken: 'return { _tag: "Take" }',
    caughtBy: ["test/domain/registry/NameClaim.test.ts"]
  },
  {
    name: "name-for-none",
    what: "lets all sessions that start at once wait for each other",
    file: "domain/registry/NameClaim.ts",
    original: 'isPublished ? { _tag: "Withdraw" } : { _tag: "Wait" }',
    mistaken: '{ _tag: "Wait" }',
    caughtBy: ["test/domain/registry/NameClaim.test.ts"]
  },
  {
    name: "name-of-the-dead",
    what: "leaves a name to a session whose process was killed",
    file: "services/node/sessions/SessionRegistry.ts",
    original: "return alive ? [{ pid, isHeld: Fs.existsSync(path) }] : []",
    mistaken: "return [{ pid, isHeld: true }]",
    caughtBy: ["test/services/node/sessions/SessionRegistry.test.ts"]
  },
  {
    name: "name-unbounded",
    what: "accepts any text as the name of a session",
    file: "domain/registry/SessionName.ts",
    original: "/^[A-Za-z][A-Za-z0-9._-]{0,31}$/",
    mistaken: "/^./",
    caughtBy: ["test/domain/registry/Names.test.ts"]
  },
  {
    name: "named-session-ends",
    what: "ends a session with a name when its client leaves",
    file: "domain/session/Persistence.ts",
    original: "detachable || name !== undefined",
    mistaken: "detachable",
    caughtBy: ["test/domain/registry/Names.test.ts"]
  },
  {
    name: "session-in-itself",
    what: "attaches a session inside itself",
    file: "domain/registry/SessionChoice.ts",
    original: "return selector !== undefined && SessionName.matches(selector, session)",
    mistaken: "return false",
    caughtBy: ["test/domain/registry/Names.test.ts"]
  }
]
