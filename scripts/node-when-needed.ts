import type * as esbuild from "esbuild"

/**
 * Makes a bundle load Node's modules lazily, as `require` does: when the importing module runs, and only the used names.
 * With an ES import, Node's loader evaluates every export at once, so that `node:fs` loads readline and `node:util` worker
 * threads, which costs a third of a start and 2 MB.
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
