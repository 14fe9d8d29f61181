import type { LoadSummary } from '../../contracts/bulk-job-steps.ts'
import type { RunningLoad } from './run-load.ts'

/** As many loads again as Salesforce works on may settle: they fill memory and disk, so there is an end to it. */
const LOADS_A_LANE = 2

export interface LoadsInFlightOptions {
  readonly lanes: number
  readonly run: (load: LoadSummary, onLaneFree: () => void) => RunningLoad
  /** False once an offer may no longer be what the rows say, and where no more is to begin. */
  readonly offersHold: () => boolean
}

/** What had happened by a moment: what is read after it knows of it. */
export interface Moment {
  readonly ended: number
  readonly lanesFreed: number
}

/**
 * The loads at work. A load uses a lane as long as it may have a job in Salesforce that has not ended; loads
 * that settle use none. An offer that finds no room begins at the moment in which a lane is given back,
 * with no look at the rows in between: Salesforce has nothing to do until then.
 */
export function createLoadsInFlight(options: LoadsInFlightOptions) {
  const { lanes, run, offersHold } = options
  const loads = new Map<number, RunningLoad>()
  let offers: readonly LoadSummary[] = []
  let ended = 0
  let lanesFreed = 0
  let defect: unknown

  const usingLanes = () =>
    [...loads].filter(([, load]) => load.usesLane()).map(([loadNumber]) => loadNumber)
  const hasRoom = () => usingLanes().length < lanes && loads.size < lanes * LOADS_A_LANE

  function beginOffers(): void {
    while (hasRoom()) {
      const [load, ...others] = offers
      if (load === undefined) return
      offers = others
      begin(load)
    }
  }

  function begin(load: LoadSummary): void {
    const running = run(load, () => {
      lanesFreed += 1
      if (offersHold()) beginOffers()
    })
    loads.set(load.loadNumber, running)
    running.done
      .catch((error: unknown) => {
        defect ??= error
      })
      .finally(() => {
        loads.delete(load.loadNumber)
        ended += 1
        if (offersHold()) beginOffers()
      })
  }

  return {
    /** Takes back what was offered, since the rows are about to be read again. */
    withdraw(): Moment {
      offers = []
      return { ended, lanesFreed }
    },
    /** Begins as many as there is room for; the others as soon as there is. */
    offer(ready: readonly LoadSummary[]): void {
      offers = ready
      beginOffers()
    },
    loads: () => [...loads.values()],
    numbers: () => [...loads.keys()],
    usingLanes,
    hasRoom,
    /** How many can begin before one ends. */
    mostToOffer: () => lanes * LOADS_A_LANE - loads.size,
    hasEndedSince: (moment: Moment) => ended > moment.ended,
    /** A lane was given back, and nothing is offered that could take it. */
    lacksOfferSince: (moment: Moment) =>
      lanesFreed > moment.lanesFreed && offers.length === 0 && hasRoom(),
    throwDefect(): void {
      if (defect !== undefined) throw defect
    },
  }
}
