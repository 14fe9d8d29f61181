export interface KeptLookups<T> {
  /** Null for what is not there. */
  find(key: string): Promise<T | null>
  /** All is looked up anew. */
  forget(): void
}

/** For how long and how many answers are kept. */
export interface KeptBounds {
  readonly ms: number
  readonly found: number
  readonly missing: number
}

/**
 * Looks each key up at most once in a while, however many ask at once. What is there and what is not is kept apart: keys
 * that somebody makes up push out nothing but one another.
 */
export function createKeptLookups<T>(
  lookUp: (key: string) => Promise<T | null>,
  bounds: KeptBounds,
): KeptLookups<T> {
  const underWay = new Map<string, Promise<T | null>>()
  const found = new Map<string, { readonly value: T; readonly until: number }>()
  /** Until when each is known not to be there. */
  const missing = new Map<string, number>()

  function keep<V>(map: Map<string, V>, key: string, value: V, most: number): void {
    map.delete(key)
    map.set(key, value)
    const [oldest] = map.keys()
    if (map.size > most && oldest !== undefined) map.delete(oldest)
  }

  function begin(key: string): Promise<T | null> {
    const until = performance.now() + bounds.ms
    const answer = lookUp(key).then(
      (value) => {
        // What was asked before all was forgotten may be of before.
        if (underWay.get(key) !== answer) return value
        underWay.delete(key)
        if (value === null) keep(missing, key, until, bounds.missing)
        else keep(found, key, { value, until }, bounds.found)
        return value
      },
      (error: unknown) => {
        // A failure is no answer to keep.
        if (underWay.get(key) === answer) underWay.delete(key)
        throw error
      },
    )
    underWay.set(key, answer)
    return answer
  }

  return {
    async find(key) {
      const now = performance.now()
      const known = found.get(key)
      if (known !== undefined && known.until > now) return known.value
      if ((missing.get(key) ?? 0) > now) return null
      found.delete(key)
      missing.delete(key)
      return underWay.get(key) ?? begin(key)
    },
    forget() {
      underWay.clear()
      found.clear()
      missing.clear()
    },
  }
}
