/**
 * A registry of this package and of what it depends on, on loopback, so that npm installs them as it would anywhere, but
 * without a network. The packages are those that are installed here, packed again.
 */
import { execFile } from "node:child_process"
import { once } from "node:events"
import * as Fs from "node:fs"
import * as Http from "node:http"
import * as Path from "node:path"
import { promisify } from "node:util"

export const ROOT = Path.resolve(import.meta.dirname, "../..")

const execute = promisify(execFile)

export interface Registry extends Disposable {
  /** Runs npm against this registry, knowing of no other and of no settings. Resolves with what it printed. */
  readonly npm: (directory: string, ...words: ReadonlyArray<string>) => Promise<{ stdout: string; stderr: string }>
}

/** A packed package, and what its manifest says. */
interface Packed {
  readonly tarball: string
  readonly manifest: { readonly name: string; readonly version: string }
}

/** `scratch` is a directory for what it needs. */
export const startRegistry = async (scratch: string): Promise<Registry> => {
  const run = (directory: string, words: ReadonlyArray<string>, settings: Readonly<Record<string, string>> = {}) =>
    execute("npm", [...words], { cwd: directory, env: { ...environment(scratch), ...settings } })

  const directories = [ROOT, ...dependencies()]
  const { stdout } = await run(scratch, ["pack", "--json", "--ignore-scripts", ...directories])
  const told: ReadonlyArray<{ readonly filename: string }> = JSON.parse(stdout)
  const packed = new Map<string, Packed>(
    told.map(({ filename }, index) => {
      const manifest = JSON.parse(Fs.readFileSync(Path.join(directories[index] ?? "", "package.json"), "utf8"))
      return [manifest.name, { tarball: Path.join(scratch, filename), manifest }]
    })
  )

  const server = Http.createServer((request, response) => {
    const [tarball, name = ""] = decodeURIComponent(request.url ?? "")
      .split(/^\/(-\/)?/)
      .slice(1)
    const found = packed.get(name)
    if (found === undefined) return void response.writeHead(404).end()
    if (tarball !== undefined) return void response.end(Fs.readFileSync(found.tarball))
    const { version } = found.manifest
    const dist = { tarball: `http://${request.headers.host ?? ""}/-/${encodeURIComponent(name)}` }
    response.end(
      JSON.stringify({ name, "dist-tags": { latest: version }, versions: { [version]: { ...found.manifest, dist } } })
    )
  })
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  const address = server.address()
  if (address === null || typeof address === "string") throw new Error("no address")
  const settings = { npm_config_registry: `http://127.0.0.1:${address.port}/` }

  return {
    npm: (directory, ...words) => run(directory, words, settings),
    [Symbol.dispose]: () => {
      server.closeAllConnections()
      server.close()
    }
  }
}

/** Where what an installation of this package brings is installed here. */
const dependencies = (): ReadonlyArray<string> => {
  const { packages } = JSON.parse(Fs.readFileSync(Path.join(ROOT, "package-lock.json"), "utf8"))
  return Object.entries<{ dev?: boolean; link?: boolean }>(packages)
    .filter(([path, { dev, link }]) => path.startsWith("node_modules/") && dev !== true && link !== true)
    .map(([path]) => Path.join(ROOT, path))
    .filter((directory) => Fs.existsSync(directory))
}

/** Not what the npm that runs these tests was told. */
const environment = (scratch: string): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_|^NODE_/i.test(name))),
  HOME: scratch,
  npm_config_cache: Path.join(scratch, "cache"),
  npm_config_update_notifier: "false",
  npm_config_audit: "false",
  npm_config_fund: "false"
})
