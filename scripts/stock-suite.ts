/**
 * Fetches the source package of mosh 1.4 from Debian, whose test suite `test/interop/stock-suite.test.ts` runs. Nothing of it
 * becomes part of this repository or of a package.
 */
import { createHash } from "node:crypto"
import * as Fs from "node:fs"
import * as Path from "node:path"

const SOURCE = "http://deb.debian.org/debian/pool/main/m/mosh/mosh_1.4.0.orig.tar.gz"
const SHA256 = "872e4b134e5df29c8933dff12350785054d2fd2839b5ae6b5587b14db1465ddd"

/** Where the package is kept. */
export const archive = Path.resolve(import.meta.dirname, "../node_modules/.cache/effect-mosh/mosh_1.4.0.orig.tar.gz")

const fetchArchive = async (): Promise<void> => {
  const response = await fetch(SOURCE, { signal: AbortSignal.timeout(30_000) })
  if (!response.ok) throw new Error(`${SOURCE}: ${response.status} ${response.statusText}`)
  const bytes = Buffer.from(await response.arrayBuffer())
  const found = createHash("sha256").update(bytes).digest("hex")
  if (found !== SHA256) throw new Error(`${SOURCE} has SHA-256 ${found}, not ${SHA256}`)
  Fs.mkdirSync(Path.dirname(archive), { recursive: true })
  Fs.writeFileSync(archive, bytes)
}

if (import.meta.main && !Fs.existsSync(archive)) await fetchArchive()
