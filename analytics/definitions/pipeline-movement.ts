import type {
  CurrencyRates,
  DayRange,
  Figure,
  FigureReason,
  OpportunitySnapshotRow,
} from '../../contracts/analytics.ts'
import { isWithin } from '../calendar.ts'
import { known, unknown } from '../figure.ts'
import { fromUnits, oneCurrency } from '../money.ts'

type Step =
  | 'start'
  | 'created'
  | 'increased'
  | 'decreased'
  | 'movedIn'
  | 'movedOut'
  | 'won'
  | 'lost'
  | 'end'

/** start + created + increased − decreased + movedIn − movedOut − won − lost = end, to the cent. */
export interface PipelineMovement extends Readonly<Record<Step, Figure>> {
  /** Deals that were in the pipeline and are gone from the later snapshot; they are part of `movedOut`. */
  readonly deleted: number
  /** Deals of the movement that had no amount on one of the days; it counts as zero there. */
  readonly withoutAmount: number
}

interface Tally {
  readonly units: Record<Step, bigint>
  readonly deals: Record<Step, number>
}

/**
 * How the open pipeline due in a range of days came from one snapshot to the other. A deal that ends is taken out at
 * its last amount; what its amount changed by before is an increase or a decrease. The later snapshot must hold the
 * deals that were closed since the earlier one: a deal that is in none of its rows is taken for deleted.
 */
export function pipelineMovement(
  start: readonly OpportunitySnapshotRow[],
  end: readonly OpportunitySnapshotRow[],
  due: DayRange,
  days: { readonly from: string; readonly to: string },
  rates: CurrencyRates | null,
): PipelineMovement {
  const money = oneCurrency([...start, ...end], rates)
  if ('reason' in money) return nothingKnown(money.reason, days)
  if (start.length === 0 && end.length === 0) return nothingKnown('no_history', days)
  const tally: Tally = { units: perStep(() => 0n), deals: perStep(() => 0) }
  const seen = { deleted: 0, withoutAmount: 0 }
  let outOfRange = false
  const amountOf = (row: OpportunitySnapshotRow | undefined): bigint => {
    if (row === undefined || row.amount === null) return 0n
    const units = money.convert(row)
    if (units === null) outOfRange = true
    return units ?? 0n
  }
  const later = new Map(end.map((row) => [row.opportunityId, row]))
  const earlier = new Map(start.map((row) => [row.opportunityId, row]))
  for (const id of new Set([...earlier.keys(), ...later.keys()])) {
    const before = earlier.get(id)
    const after = later.get(id)
    const steps = moves(before, after, due, amountOf)
    if (steps.length === 0) continue
    if (before?.amount === null || after?.amount === null) seen.withoutAmount += 1
    if (after === undefined) seen.deleted += 1
    for (const [step, units] of steps) {
      tally.units[step] += units
      tally.deals[step] += 1
    }
  }
  if (outOfRange) return nothingKnown('out_of_range', days)
  const period = { ...days, field: 'as_of' } as const
  const figures = perStep((step) =>
    known(
      { basis: 'amount', period, n: tally.deals[step], currency: money.currency },
      fromUnits(tally.units[step]),
    ),
  )
  return { ...figures, ...seen }
}

/** The steps of one deal. Their signed sum is what it adds to the end, whatever the order of the changes was. */
function moves(
  before: OpportunitySnapshotRow | undefined,
  after: OpportunitySnapshotRow | undefined,
  due: DayRange,
  amountOf: (row: OpportunitySnapshotRow | undefined) => bigint,
): (readonly [Step, bigint])[] {
  const wasIn = before !== undefined && isOpenIn(before, due)
  const isIn = after !== undefined && isOpenIn(after, due)
  const first = amountOf(before)
  const last = amountOf(after)
  const steps: (readonly [Step, bigint])[] = []
  if (wasIn) steps.push(['start', first])
  if (isIn) steps.push(['end', last])
  if (wasIn && after === undefined) return [...steps, ['movedOut', first]]
  // Out of the range on the later day: it leaves with the amount that it had, so nothing is both changed and gone.
  const endedIn = after?.isClosed === true && (wasIn || isWithin(after.closeDate, due))
  if (wasIn && !isIn && !endedIn) return [...steps, ['movedOut', first]]
  const wasOpenElsewhere = before !== undefined && !before.isClosed
  if (!wasIn && (isIn || endedIn)) {
    if (before?.isClosed === true && endedIn) return steps
    if (before === undefined) steps.push(['created', last])
    else steps.push(['movedIn', wasOpenElsewhere ? first : last])
  }
  if ((isIn || endedIn) && before !== undefined && (wasIn || wasOpenElsewhere)) {
    if (last > first) steps.push(['increased', last - first])
    if (last < first) steps.push(['decreased', first - last])
  }
  if (endedIn) steps.push([after.isWon ? 'won' : 'lost', last])
  return steps
}

function isOpenIn(row: OpportunitySnapshotRow, due: DayRange): boolean {
  return !row.isClosed && isWithin(row.closeDate, due)
}

function nothingKnown(
  reason: FigureReason,
  days: { readonly from: string; readonly to: string },
): PipelineMovement {
  const figure = unknown({ basis: 'amount', period: { ...days, field: 'as_of' }, n: 0 }, reason)
  return { ...perStep((): Figure => figure), deleted: 0, withoutAmount: 0 }
}

function perStep<T>(make: (step: Step) => T): Record<Step, T> {
  return {
    start: make('start'),
    created: make('created'),
    increased: make('increased'),
    decreased: make('decreased'),
    movedIn: make('movedIn'),
    movedOut: make('movedOut'),
    won: make('won'),
    lost: make('lost'),
    end: make('end'),
  }
}
