import { expect, test } from 'vitest'
import { licencesPage, runtimeLicences } from './licences.ts'

const lockFile = (packages: object) => JSON.stringify({ packages: { '': {}, ...packages } })

test('what is installed in production is listed once, nested packages too, and nothing else', () => {
  const packages = runtimeLicences(
    lockFile({
      'node_modules/b': { version: '2.0.0', license: 'MIT' },
      'node_modules/b/node_modules/@scope/a': { version: '1.0.0', license: '(MIT OR CC0-1.0)' },
      'node_modules/c/node_modules/@scope/a': { version: '1.0.0', license: '(MIT OR CC0-1.0)' },
      'node_modules/tool': { version: '1.0.0', license: 'GPL-3.0', dev: true },
      'node_modules/native': { version: '3.0.0', license: 'ISC', optional: true },
    }),
  )
  expect(packages.map(({ name, licence, optional }) => [name, licence, optional])).toEqual([
    ['@scope/a', 'MIT OR CC0-1.0', false],
    ['b', 'MIT', false],
    ['native', 'ISC', true],
  ])
  expect(licencesPage(packages)).toContain('| native | 3.0.0 | ISC | yes |')
})

test.each([[{ license: 'GPL-3.0-only' }], [{}], [{ license: 'SEE LICENSE IN FILE' }]])(
  'a package with %j is refused by name',
  (entry) => {
    const text = lockFile({ 'node_modules/copied': { version: '1.2.3', ...entry } })
    expect(() => runtimeLicences(text)).toThrow(/copied 1\.2\.3/)
  },
)
