import type { Scenario } from "../scenario.ts"
import { bash } from "./bash.ts"

export const scenarios: ReadonlyArray<Scenario> = [bash]
