import { expect, it } from "@effect/vitest"
import { withoutNpm } from "../../../scripts/start-environment.ts"

it("npm start passes on none of npm's variables, and the user's own PATH", () => {
  expect(
    withoutNpm({
      npm_config_cache: "/home/ann/.npm",
      npm_lifecycle_event: "start",
      NPM_CONFIG_LOGLEVEL: "silent",
      INIT_CWD: "/home/ann/effect-mosh",
      NODE: "/usr/bin/node",
      COLOR: "1",
      EDITOR: "vi",
      HOME: "/home/ann",
      PATH: "/a/node_modules/.bin:/node_modules/.bin:/npm/node-gyp-bin:/home/ann/bin:/usr/bin:/x/node_modules/.bin"
    })
  ).toEqual({ HOME: "/home/ann", PATH: "/home/ann/bin:/usr/bin:/x/node_modules/.bin" })
  expect(withoutNpm({ EDITOR: "emacs", PATH: "/usr/bin" })).toEqual({ EDITOR: "emacs", PATH: "/usr/bin" })
})
