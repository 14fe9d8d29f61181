import { expect, test } from 'vitest'
import { sourceImports } from './source-imports.ts'

const specifiers = (source: string) =>
  sourceImports('file.ts', source).map(({ specifier, typeOnly, line }) => [
    specifier,
    typeOnly ? 'type' : 'load',
    line,
  ])

test('every way to import is found, with its line', () => {
  expect(
    specifiers(
      [
        "import a from 'a'",
        "import type { B } from 'b'",
        "import { type C } from 'c'",
        "import 'd'",
        "export { e } from 'e'",
        "export type { F } from 'f'",
        "export * from 'g'",
        "export * as h from 'h'",
        "const i = await import('i')",
        "type J = import('j').J",
        "type K = typeof import('k')",
        "const l = require('l')",
        'const m = await import(a.path)',
        'const n = await import(`n`)',
      ].join('\n'),
    ),
  ).toEqual([
    ['a', 'load', 1],
    ['b', 'type', 2],
    ['c', 'load', 3],
    ['d', 'load', 4],
    ['e', 'load', 5],
    ['f', 'type', 6],
    ['g', 'load', 7],
    ['h', 'load', 8],
    ['i', 'load', 9],
    ['j', 'type', 10],
    ['k', 'type', 11],
    ['l', 'load', 12],
    [null, 'load', 13],
    [null, 'load', 14],
  ])
})

test('what only looks like an import is none', () => {
  expect(
    specifiers(
      [
        "// import a from 'a'",
        "/* import b from 'b' */",
        'const text = "import c from \'c\'"',
        "const template = `é😀 import d from 'd'`",
        "const pattern = /import e from 'e'/",
        'export const f = import.meta.url',
      ].join('\n'),
    ),
  ).toEqual([])
})

test('a source that cannot be parsed is an error, not a source without imports', () => {
  expect(() => sourceImports('broken.ts', "import { from 'x'")).toThrow('broken.ts')
})
