"use strict"
// Starts a program of the bundle. Written so that even a Node that is years too old can read it and say that it is.

const fs = require("fs")
const path = require("path")
const url = require("url")

const OLDEST_NODE = 24

module.exports = function launch(program) {
  const refuse = function (reason) {
    process.stderr.write(program + ": " + reason + "\n")
    process.exitCode = 1
  }
  if (Number(process.versions.node.split(".")[0]) < OLDEST_NODE) {
    return refuse("Node.js " + OLDEST_NODE + " or later is needed, and this is " + process.versions.node + ".")
  }
  const root = path.dirname(__dirname)
  const bundle = path.join(root, "dist", program + ".js")
  if (!fs.existsSync(bundle)) {
    return refuse("not built yet: run `npm run build` in " + root)
  }
  prepare(program)
  require(path.join(root, "dist", "keep-compiled.cjs")).keepCompiled()
  import(url.pathToFileURL(bundle).href)
}

// What a program wants of its process before it is loaded.
module.exports.prepare = prepare
function prepare(program) {
  // By this name `ps`, `pgrep` and `ss` know it.
  process.title = [program].concat(process.argv.slice(2)).join(" ")
}
