/** The same values under names as the API writes them: `stillIn` → `still_in`. */
export function snakeNames(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(snakeNames)
  if (typeof node !== 'object' || node === null) return node
  return Object.fromEntries(
    Object.entries(node).map(([name, value]) => [snakeName(name), snakeNames(value)]),
  )
}

// Names of the replaced service begin with a capital and stay as callers know them.
function snakeName(name: string): string {
  return /^[a-z]/.test(name) ? name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`) : name
}
