/** Freezes a tree of plain objects and arrays: settings that someone changes on the way are settings nobody can know. */
export function deepFreeze<T extends object>(tree: T): T {
  for (const branch of Object.values(tree)) {
    if (typeof branch === 'object' && branch !== null) deepFreeze(branch)
  }
  return Object.freeze(tree)
}
