import { z } from 'zod'

const lockFileSchema = z.object({
  packages: z.record(
    z.string(),
    z.object({
      version: z.string().optional(),
      license: z.string().optional(),
      dev: z.boolean().optional(),
      optional: z.boolean().optional(),
    }),
  ),
})

/** Licences that software under Apache-2.0 can be handed on with, and CC-BY-4.0 for plain data. */
const ACCEPTED: readonly string[] = [
  ...['0BSD', 'Apache-2.0', 'Apache-2.0 AND MIT', 'BlueOak-1.0.0', 'BSD-2-Clause', 'BSD-3-Clause'],
  ...['CC-BY-4.0', 'ISC', 'MIT', 'MIT OR Apache-2.0', 'MIT OR CC0-1.0', 'Unlicense'],
]

/** Packages whose manifest names no licence; their own LICENSE file was read. */
const STATED_IN_FILE: Readonly<Record<string, string>> = { unionfs: 'Unlicense' }

export interface LicensedPackage {
  readonly name: string
  readonly version: string
  readonly licence: string
  /** For some platforms only, or left out without harm. */
  readonly optional: boolean
}

/**
 * What a production installation holds, by name, from the text of package-lock.json.
 * @throws Error naming every package whose licence is unknown or not accepted.
 */
export function runtimeLicences(lockFile: string): readonly LicensedPackage[] {
  const found = new Map<string, LicensedPackage>()
  for (const [place, entry] of Object.entries(
    lockFileSchema.parse(JSON.parse(lockFile)).packages,
  )) {
    if (place === '' || entry.dev === true) continue
    const name = place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length)
    const version = entry.version ?? 'unknown'
    const licence = entry.license ?? STATED_IN_FILE[name] ?? 'unknown'
    found.set(`${name} ${version}`, {
      ...{ name, version, optional: entry.optional === true },
      licence: licence.replace(/^\((.*)\)$/, '$1'),
    })
  }
  const packages = [...found.values()].sort((a, b) =>
    `${a.name} ${a.version}` < `${b.name} ${b.version}` ? -1 : 1,
  )
  const refused = packages.filter(({ licence }) => !ACCEPTED.includes(licence))
  if (refused.length > 0) {
    const named = refused.map(({ name, version, licence }) => `${name} ${version} (${licence})`)
    throw new Error(
      `Read these licences, and accept them in dev/checks/licences.ts or leave the packages: ${named.join(', ')}`,
    )
  }
  return packages
}

/** The text of docs/licences.md. */
export function licencesPage(packages: readonly LicensedPackage[]): string {
  const counts = Map.groupBy(packages, ({ licence }) => licence)
  const summary = [...counts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([licence, each]) => `| ${licence} | ${each.length} |`)
  const rows = packages.map(
    ({ name, version, licence, optional }) =>
      `| ${name} | ${version} | ${licence}${optional ? ' | yes' : ' | '} |`,
  )
  return `${[
    '# Licences of runtime dependencies',
    '',
    'Every package that `npm ci --omit=dev` may install, from `package-lock.json`. Made by `npm run licences:write`;',
    '`npm run check` fails where it is not up to date, or where a licence is new here. Optional packages are for',
    'some platforms only. Conveyor itself is under Apache-2.0.',
    '',
    '| licence | packages |',
    '|---|---|',
    ...summary,
    '',
    '| package | version | licence | optional |',
    '|---|---|---|---|',
    ...rows,
  ].join('\n')}\n`
}
