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
  import(url.pathToFileURL(bundle).href)
}

// What a program wants of its process before it is loaded.
module.exports.prepare = prepare
function prepare(program) {
  // By this name `ps`, `pgrep` and `ss` know it.
  process.title = [program].concat(process.argv.slice(2)).join(" ")
  if (program === "mosh" || program === "mosh-client") stayLight()
}

// A client draws some frames a second. What V8 does to be faster than that costs a person memory, and saves no time.
function stayLight() {
  const v8 = require("v8")
  const options = ["--no-opt", "--optimize-for-size"]
  if (Number(process.versions.node.split(".")[0]) >= 26) {
    options.push("--memory-reducer-delay-ms=500", "--gc-memory-reducer-start-delay-ms=500")
  }
  options.forEach(function (option) {
    v8.setFlagsFromString(option)
  })
}
