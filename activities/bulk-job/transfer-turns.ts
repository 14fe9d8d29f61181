/** Order in which the loads of one process are encoded and settled. */
export interface TransferTurns {
  /** Runs `work` after the encodings that were asked for before it. */
  encode<T>(work: () => Promise<T>): Promise<T>
  /** Runs `work` after the settlings that were asked for before it. */
  settle<T>(work: () => Promise<T>): Promise<T>
  /** For settlings, between two pieces of their work: resolves when no load waits to be encoded. */
  letEncodingsPass(): Promise<void>
}

/** A turn takes seconds; one that takes this long waits for an answer that will not come. */
const LONGEST_TURN_MS = 10 * 60_000

/**
 * Both kinds of work keep a thread busy, so doing them side by side is no faster: one settling at a time bounds the
 * memory that rows and their results take, whatever the number of loads. Encodings go first: Salesforce has nothing to
 * do until a load is sent, while results can wait. Work that hangs fails, and the next has its turn.
 */
export function createTransferTurns(longestTurnMs = LONGEST_TURN_MS): TransferTurns {
  const encodings = createTurns(longestTurnMs)
  const settlings = createTurns(longestTurnMs)
  return {
    encode: encodings.run,
    settle: settlings.run,
    async letEncodingsPass() {
      while (encodings.count() > 0) await encodings.end()
    },
  }
}

/** One at a time, in the order in which they were asked for. */
function createTurns(longestMs: number) {
  let count = 0
  let last: Promise<void> = Promise.resolve()

  return {
    run<T>(work: () => Promise<T>): Promise<T> {
      count += 1
      const turn = last.then(() => withinLimit(work, longestMs))
      // Who asked for the work gets its error; the next in line only waits.
      last = turn.then(
        () => {},
        () => {},
      )
      last = last.then(() => {
        count -= 1
      })
      return turn
    },
    count: () => count,
    end: () => last,
  }
}

async function withinLimit<T>(work: () => Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`The transfer was not done within ${ms / 1000} s of its turn.`))
    }, ms)
  })
  try {
    return await Promise.race([work(), late])
  } finally {
    clearTimeout(timer)
  }
}
