import type * as esbuild from "esbuild"

/**
 * Node's modules, as `require` would load them: each where the module that imports it is run, and of each no more than is
 * used. Imported as Node's loader does it, they have every name at hand from the start, so that `node:fs` brings readline
 * and `node:util` worker threads; a third of a start, and 2 MB.
 */
export const nodeWhenNeeded: esbuild.Plugin = {
  name: "node-when-needed",
  setup: ({ onLoad, onResolve }) => {
    onResolve({ filter: /^node:/ }, ({ kind, path }) =>
      kind === "import-statement" ? { path, namespace: "node", sideEffects: false } : undefined
    )
    onLoad({ filter: /./, namespace: "node" }, ({ path }) => {
      const names = Object.keys(process.getBuiltinModule(path) ?? {}).filter((name) => name !== "default")
      const named = names.map((name) => `export const ${name} = /* @__PURE__ */ (() => loaded.${name})()`)
      const loaded = `const loaded = /* @__PURE__ */ process.getBuiltinModule("${path}")`
      return { contents: [loaded, "export default loaded", ...named].join("\n") }
    })
  }
}
