import { compare } from '../definitions/comparison.ts'
import { isFigure } from '../rollup/figure-tree.ts'

/** Each figure of one report against the same of another; lists have no same in it, and are left out. */
export function compareReports(current: object, previous: object): object {
  const compared: Record<string, unknown> = {}
  const others = new Map(Object.entries(previous))
  for (const [name, node] of Object.entries(current)) {
    const other: unknown = others.get(name)
    if (isFigure(node) && isFigure(other)) {
      const { difference, relative } = compare(node, other)
      compared[name] = { previous: other, difference, relative }
    } else if (isGroup(node) && isGroup(other)) {
      compared[name] = compareReports(node, other)
    }
  }
  return compared
}

function isGroup(node: unknown): node is object {
  return typeof node === 'object' && node !== null && !Array.isArray(node) && !isFigure(node)
}
