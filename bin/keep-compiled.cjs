"use strict"
// Only the first start compiles the bundle: what V8 made of it is kept, 1 MB, where nobody else can put anything.

const fs = require("node:fs")
const nodeModule = require("node:module")
const os = require("node:os")
const path = require("node:path")

module.exports = function keepCompiled() {
  try {
    const { XDG_CACHE_HOME: chosen = "" } = process.env
    const caches = path.isAbsolute(chosen) ? chosen : path.join(os.homedir(), ".cache")
    const directory = path.join(caches, "effect-mosh")
    // One at a time: in a home where nothing can be made, Node would look for the missing parent for ever.
    for (const each of [caches, directory]) if (!fs.existsSync(each)) fs.mkdirSync(each, { mode: 0o700 })
    const { mode, uid } = fs.statSync(directory)
    const mine = process.getuid === undefined || (uid === process.getuid() && (mode & 0o022) === 0)
    if (mine) nodeModule.enableCompileCache(directory)
  } catch {
    // Somebody without a home, or with a full one, starts more slowly.
  }
}
