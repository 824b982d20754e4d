/**
 * The package's ESM build, which has no export and no types. It loads in a third of the time of the CommonJS build.
 */
declare module "@xterm/headless/lib-headless/xterm-headless.mjs" {
  export { Terminal } from "@xterm/headless"
}
