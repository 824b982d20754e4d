import type { Scenario } from "../scenario.ts"
import { alternate } from "./alternate.ts"
import { bash } from "./bash.ts"
import { commander } from "./commander.ts"
import { flood } from "./flood.ts"
import { international } from "./international.ts"
import { applicationKeys, keys } from "./keys.ts"
import { less } from "./less.ts"
import { modern } from "./modern.ts"
import { badWeather, narrow, narrowPaste, roaming, stopped } from "./network.ts"
import { outOfBand } from "./out-of-band.ts"
import { paint } from "./paint.ts"
import { paste } from "./paste.ts"
import { resize } from "./resize.ts"
import { vim } from "./vim.ts"

export const scenarios: ReadonlyArray<Scenario> = [
  bash,
  vim,
  less,
  commander,
  paint,
  resize,
  international,
  keys,
  applicationKeys,
  paste,
  outOfBand,
  flood,
  roaming,
  stopped,
  badWeather,
  narrow,
  narrowPaste,
  alternate,
  modern
]
