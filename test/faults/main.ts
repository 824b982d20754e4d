/**
 * `npm run faults [-- NAME…]`: plants each fault, and prints which test notices it. Exits 1 if one goes unnoticed.
 */
import { faults } from "./faults.ts"
import { openField } from "./planting.ts"

const names = process.argv.slice(2)
const unknown = names.find((name) => faults.every((fault) => fault.name !== name))
if (unknown !== undefined) throw new Error(`there is no fault ${unknown}; there are ${faults.map(({ name }) => name)}`)

await using field = await openField()
for (const fault of faults) {
  if (names.length > 0 && !names.includes(fault.name)) continue
  const start = performance.now()
  const caught = await field.plant(fault)
  const seconds = ((performance.now() - start) / 1000).toFixed(1)
  process.stdout.write(`${fault.name.padEnd(22)} ${fault.what}\n${"".padEnd(22)} ${seconds} s: `)
  process.stdout.write(caught === undefined ? "NOT NOTICED\n" : `${caught}\n`)
  if (caught === undefined) process.exitCode = 1
}
