import type { Figure, FigureReason } from '../../contracts/analytics.ts'

/** Figures with names and texts between them, as an answer holds them. */
export type FigureTree =
  | Figure
  | string
  | number
  | boolean
  | null
  | readonly FigureTree[]
  | { readonly [name: string]: FigureTree }

/** The same tree with each figure's bare value. */
export type Values<T> = T extends { readonly basis: string; readonly period: unknown }
  ? number | null
  : T extends readonly (infer Item)[]
    ? readonly Values<Item>[]
    : T extends object
      ? { readonly [Name in keyof T]: Values<T[Name]> }
      : T

/** Whether it is a figure, and not a group of them. */
export function isFigure(node: unknown): node is Figure {
  return (
    typeof node === 'object' && node !== null && 'basis' in node && 'reason' in node && 'n' in node
  )
}

/** The values alone, for callers that know nothing of figures. */
export function valuesOf<T>(tree: T): Values<T> {
  // A walk keeps the shape, which the type describes.
  return mapFigures(tree, (figure) => figure.value) as Values<T>
}

/** The same figures, none of them known, for one and the same reason. Lists are empty. */
export function allUnknown<T>(tree: T, reason: FigureReason): T {
  const blank = mapFigures(tree, (figure) => ({
    ...figure,
    ...{ value: null, reason, interval: null, n: 0 },
  }))
  return withoutItems(blank) as T
}

function withoutItems(node: unknown): unknown {
  if (Array.isArray(node)) return []
  if (typeof node !== 'object' || node === null || isFigure(node)) return node
  return Object.fromEntries(Object.entries(node).map(([name, each]) => [name, withoutItems(each)]))
}

/** A tree with each figure replaced. */
export function mapFigures(node: unknown, change: (figure: Figure) => unknown): unknown {
  if (isFigure(node)) return change(node)
  if (Array.isArray(node)) return node.map((each) => mapFigures(each, change))
  if (typeof node !== 'object' || node === null) return node
  return Object.fromEntries(
    Object.entries(node).map(([name, each]) => [name, mapFigures(each, change)]),
  )
}
