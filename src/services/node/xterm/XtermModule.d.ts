/** The package's ESM build, which it names nowhere and declares no types for; it loads in a third of the time of the other. */
declare module "@xterm/headless/lib-headless/xterm-headless.mjs" {
  export { Terminal } from "@xterm/headless"
}
