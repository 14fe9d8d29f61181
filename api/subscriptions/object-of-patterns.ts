import { isObjectName } from '../../contracts/event-types.ts'

/** The object that all patterns are of; `*` where they are of several, or of any. */
export function objectOf(patterns: readonly string[]): string {
  const objects = new Map(
    patterns.map((pattern) => {
      const object = pattern.split('.')[0] ?? ''
      return [object.toLowerCase(), object] as const
    }),
  )
  const [only] = objects.values()
  return objects.size === 1 && only !== undefined && isObjectName(only) ? only : '*'
}
