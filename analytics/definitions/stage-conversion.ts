import type {
  DayRange,
  Figure,
  OpportunityHistoryRow,
  StageRow,
} from '../../contracts/analytics.ts'
import { isWithin, periodBy } from '../calendar.ts'
import { shareFigure, unknown } from '../figure.ts'
import { historyByDeal, isForward, type StageStay, stageStays, stagesByName } from './deal-paths.ts'

/** What became of the deals that entered a stage in a period. The four counts add up to `entered`. */
export interface StageConversion {
  readonly stageName: string
  readonly entered: number
  readonly forward: number
  readonly backward: number
  readonly lost: number
  readonly stillIn: number
  /** forward / entered. */
  readonly rate: Figure
}

/**
 * For each open stage, where the deals went that entered it in the range. A deal that comes back counts once, by
 * where it went the last time.
 */
export function stageConversions(
  history: readonly OpportunityHistoryRow[],
  stages: readonly StageRow[],
  range: DayRange,
): StageConversion[] {
  const names = stagesByName(stages)
  const paths = [...historyByDeal(history).values()].map(stageStays)
  const open = stages.filter((stage) => !stage.isClosed).sort((a, b) => a.sortOrder - b.sortOrder)
  return open.map((stage) => {
    const counts = { entered: 0, forward: 0, backward: 0, lost: 0, stillIn: 0 }
    for (const path of paths) {
      const place = path.findLastIndex((stay) => stay.stageName === stage.name)
      const stay = path[place]
      if (stay === undefined || !isWithin(stay.enteredAt, range)) continue
      counts.entered += 1
      counts[outcome(stage, path[place + 1], names)] += 1
    }
    const period = periodBy('changed', range)
    const none = history.length === 0 ? 'no_history' : 'no_data'
    const rate = shareFigure(counts.forward, counts.entered, period, none)
    return { stageName: stage.name, ...counts, rate }
  })
}

function outcome(
  stage: StageRow,
  next: StageStay | undefined,
  names: ReadonlyMap<string, StageRow>,
): 'forward' | 'backward' | 'lost' | 'stillIn' {
  if (next === undefined) return 'stillIn'
  const to = names.get(next.stageName)
  if (isForward(stage, to)) return 'forward'
  return to?.isClosed === true ? 'lost' : 'backward'
}

/** Of the deals that entered one stage in the range, the share that later reached another, or one beyond it. */
export function reachedStage(
  history: readonly OpportunityHistoryRow[],
  stages: readonly StageRow[],
  range: DayRange,
  from: string,
  to: string,
): Figure {
  const names = stagesByName(stages)
  const target = names.get(to)
  const period = periodBy('changed', range)
  const subject = { basis: 'count', period, n: 0 } as const
  if (history.length === 0) return unknown(subject, 'no_history')
  if (target === undefined || !names.has(from)) return unknown(subject, 'no_source')
  let entered = 0
  let reached = 0
  for (const rows of historyByDeal(history).values()) {
    const path = stageStays(rows)
    const place = path.findIndex(
      (stay) => stay.stageName === from && isWithin(stay.enteredAt, range),
    )
    if (place < 0) continue
    entered += 1
    const later = path.slice(place + 1)
    if (
      later.some((stay) => stay.stageName === to || isForward(target, names.get(stay.stageName)))
    ) {
      reached += 1
    }
  }
  return shareFigure(reached, entered, period, 'no_data')
}
