/**
 * The programs that are traced, and the keys typed into them.
 */
import { EDITORS } from "./scenarios/editors.ts"
import { INTERPRETERS } from "./scenarios/interpreters.ts"
import { LINES } from "./scenarios/lines.ts"
import type { Scenario } from "./scenarios/scenario.ts"
import { SCREENS } from "./scenarios/screens.ts"
import { SHELLS } from "./scenarios/shells.ts"
import { TEXTS } from "./scenarios/texts.ts"

export type { Scenario } from "./scenarios/scenario.ts"

export const SCENARIOS: ReadonlyArray<Scenario> = [
  ...SHELLS,
  ...LINES,
  ...EDITORS,
  ...INTERPRETERS,
  ...SCREENS,
  ...TEXTS
]
