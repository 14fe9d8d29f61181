import { type ImportDeclaration, parseSync, Visitor } from 'oxc-parser'

/** One place in a file that loads, or takes types from, another module. */
export interface SourceImport {
  /** As written; null where it is computed and nobody can know it before it runs. */
  readonly specifier: string | null
  /** Nothing is loaded at run time: `import type`, `export type`, `typeof import()`. */
  readonly typeOnly: boolean
  /** From 1. */
  readonly line: number
}

/**
 * All imports of one TypeScript or JavaScript source, in order: static, re-exports, dynamic, types.
 * `import { type A }` counts as loading: with type stripping the module is loaded all the same.
 * @throws Error where the source cannot be parsed, as imports could hide in it.
 */
export function sourceImports(fileName: string, source: string): readonly SourceImport[] {
  const { program, errors } = parseSync(fileName, source)
  const failure = errors.find((error) => error.severity === 'Error')
  if (failure) throw new Error(`${fileName} cannot be parsed: ${failure.message}`)

  const found: (SourceImport & { readonly start: number })[] = []
  const add = (specifier: string | null, typeOnly: boolean, start: number) => {
    found.push({ specifier, typeOnly, start, line: lineOf(source, start) })
  }
  new Visitor({
    ImportDeclaration: (node: ImportDeclaration) =>
      add(node.source.value, node.importKind === 'type', node.start),
    ExportNamedDeclaration(node) {
      if (node.source) add(node.source.value, node.exportKind === 'type', node.start)
    },
    ExportAllDeclaration: (node) => add(node.source.value, node.exportKind === 'type', node.start),
    ImportExpression: (node) => add(literalText(node.source), false, node.start),
    TSImportType: (node) => add(literalText(node.source), true, node.start),
    CallExpression(node) {
      if (node.callee.type !== 'Identifier' || node.callee.name !== 'require') return
      const [argument] = node.arguments
      if (argument) add(literalText(argument), false, node.start)
    },
  }).visit(program)
  return found
    .toSorted((a, b) => a.start - b.start)
    .map(({ specifier, typeOnly, line }) => ({ specifier, typeOnly, line }))
}

function literalText(node: { readonly type: string; readonly value?: unknown }): string | null {
  return node.type === 'Literal' && typeof node.value === 'string' ? node.value : null
}

function lineOf(source: string, offset: number): number {
  let line = 1
  for (let at = source.indexOf('\n'); at !== -1 && at < offset; at = source.indexOf('\n', at + 1)) {
    line += 1
  }
  return line
}
