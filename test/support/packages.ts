/**
 * For processes that tests start: resolves this package's name to its sources, as `vitest.config.ts` does.
 * `node --import=FILE program.ts`.
 */
import { registerHooks } from "node:module"

const SOURCES: Readonly<Record<string, string>> = {
  "effect-mosh": "index.ts",
  "effect-mosh/cluster": "cluster.ts",
  "effect-mosh/node": "node.ts",
  "effect-mosh/testing": "testing.ts"
}

registerHooks({
  resolve: (specifier, context, next) => {
    const source = SOURCES[specifier]
    return next(source === undefined ? specifier : new URL(`../../src/${source}`, import.meta.url).href, context)
  }
})
