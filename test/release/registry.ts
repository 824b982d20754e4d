/**
 * A registry on loopback with this package and its dependencies, so that npm installs them as anywhere, but without a
 * network. The packages are those that are installed here, packed again.
 */
import { execFile, execFileSync } from "node:child_process"
import { once } from "node:events"
import * as Fs from "node:fs"
import * as Http from "node:http"
import * as Path from "node:path"
import { promisify } from "node:util"

export const ROOT = Path.resolve(import.meta.dirname, "../..")

const execute = promisify(execFile)

export interface Registry extends Disposable {
  /** Runs npm with this registry alone, and without the user's settings. Resolves with its output. */
  readonly npm: (directory: string, ...words: ReadonlyArray<string>) => Promise<{ stdout: string; stderr: string }>
  /** The checksum of a package as it is served, as npm writes it. */
  readonly integrity: (name: string) => string
  /** Serves another tarball under the same name and version. */
  readonly replace: (name: string, tarball: string) => void
}

/** A packed package, and what its manifest says. */
interface Packed {
  readonly tarball: string
  readonly integrity: string
  readonly manifest: { readonly name: string; readonly version: string }
}

/** `scratch` is a directory for what it needs; `root` is that of this package, or of a changed copy of it. */
export const startRegistry = async (scratch: string, root = ROOT): Promise<Registry> => {
  const run = (directory: string, words: ReadonlyArray<string>, settings: Readonly<Record<string, string>> = {}) =>
    execute("npm", [...words], { cwd: directory, env: { ...environment(scratch), ...settings } })

  const directories = [root, ...dependencies()]
  const { stdout } = await run(scratch, ["pack", "--json", "--ignore-scripts", ...directories])
  const told: ReadonlyArray<{ readonly filename: string; readonly integrity: string }> = JSON.parse(stdout)
  const packed = new Map<string, Packed>(
    told.map(({ filename, integrity }, index) => {
      const manifest = JSON.parse(Fs.readFileSync(Path.join(directories[index] ?? "", "package.json"), "utf8"))
      return [manifest.name, { tarball: Path.join(scratch, filename), integrity, manifest }]
    })
  )

  const get = (name: string): Packed => {
    const found = packed.get(name)
    if (found === undefined) throw new Error(`${name} is not in the registry`)
    return found
  }

  const server = Http.createServer((request, response) => {
    const [tarball, name = ""] = decodeURIComponent(request.url ?? "")
      .split(/^\/(-\/)?/)
      .slice(1)
    const found = packed.get(name)
    if (found === undefined) return void response.writeHead(404).end()
    if (tarball !== undefined) return void response.end(Fs.readFileSync(found.tarball))
    const { version } = found.manifest
    // npm's own registry publishes this flag. Without it, npm does not look for the file.
    const listed = execFileSync("tar", ["-tzf", found.tarball], { encoding: "utf8" })
    const _hasShrinkwrap = listed.split("\n").includes("package/npm-shrinkwrap.json")
    const dist = { tarball: `http://${request.headers.host ?? ""}/-/${encodeURIComponent(name)}` }
    response.end(
      JSON.stringify({
        name,
        "dist-tags": { latest: version },
        versions: { [version]: { ...found.manifest, dist, _hasShrinkwrap } }
      })
    )
  })
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  const address = server.address()
  if (address === null || typeof address === "string") throw new Error("no address")
  const settings = { npm_config_registry: `http://127.0.0.1:${address.port}/` }

  return {
    npm: (directory, ...words) => run(directory, words, settings),
    integrity: (name) => get(name).integrity,
    replace: (name, tarball) => void packed.set(name, { ...get(name), tarball }),
    [Symbol.dispose]: () => {
      server.closeAllConnections()
      server.close()
    }
  }
}

/** The directories of the packages that an installation of this package brings. */
const dependencies = (): ReadonlyArray<string> => {
  const { packages } = JSON.parse(Fs.readFileSync(Path.join(ROOT, "package-lock.json"), "utf8"))
  return Object.entries<{ dev?: boolean; link?: boolean }>(packages)
    .filter(([path, { dev, link }]) => path.startsWith("node_modules/") && dev !== true && link !== true)
    .map(([path]) => Path.join(ROOT, path))
    .filter((directory) => Fs.existsSync(directory))
}

/** The environment without the settings of the npm that runs these tests. */
const environment = (scratch: string): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_|^NODE_/i.test(name))),
  HOME: scratch,
  npm_config_cache: Path.join(scratch, "cache"),
  npm_config_update_notifier: "false",
  npm_config_audit: "false",
  npm_config_fund: "false"
})
