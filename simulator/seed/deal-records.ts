import { makeId } from '../ids.ts'
import { forecastLabel, type OpportunityStage, stageOf } from '../schema/opportunity-stages.ts'
import type { RecordFields } from '../store/record-store.ts'
import { roundHalfUp } from '../values/coerce-text.ts'
import type { DealStep } from './deal-story.ts'
import type { SeedRecord } from './seed-record.ts'
import { type SeedScope, type Seller, seedRecord } from './seed-scope.ts'
import { momentText } from './working-calendar.ts'

/** What a deal is, apart from how it goes. */
export interface Deal {
  readonly n: number
  readonly id: string
  readonly owner: Seller
  readonly steps: readonly DealStep[]
  readonly fields: RecordFields
}

/** Number of the user who takes a step. */
export function userOf(owner: Seller, step: DealStep): number {
  return step.by === 'manager' ? owner.managerN : owner.n
}

function expectedOf(amount: number | null, stage: OpportunityStage): number | null {
  return amount === null ? null : roundHalfUp((amount * stage.probability) / 100, 2)
}

/** The record of a deal and one row of history for each of its steps. */
export function dealRecords(scope: SeedScope, deal: Deal): SeedRecord[] {
  const { id, steps, owner } = deal
  const first = steps[0]
  const last = steps.at(-1)
  if (first === undefined || last === undefined) throw new Error(`deal ${id} has no steps`)
  const history: SeedRecord[] = []
  let pushes = 0
  let stageChanged: number | null = null
  let amountRow: string | null = null
  let dateRow: string | null = null
  steps.forEach((step, index) => {
    const before = index === 0 ? null : (steps[index - 1] ?? null)
    const stage = stageOf(step.stage)
    const row = scope.next('OpportunityHistory')
    const by = userOf(owner, step)
    history.push(
      seedRecord(
        'OpportunityHistory',
        row.n,
        {
          OpportunityId: id,
          StageName: step.stage,
          Amount: step.amount,
          Probability: stage.probability,
          CloseDate: step.closeDate,
          ExpectedRevenue: expectedOf(step.amount, stage),
          ForecastCategory: stage.category,
          PrevAmount: before?.amount,
          PrevCloseDate: before?.closeDate,
        },
        { created: step.at, modified: step.at, createdBy: by },
      ),
    )
    if (before === null) return
    if (before.stage !== step.stage) stageChanged = step.at
    if (before.amount !== step.amount) amountRow = row.id
    if (before.closeDate !== step.closeDate) dateRow = row.id
    if (step.closeDate.slice(0, 7) > before.closeDate.slice(0, 7)) pushes += 1
  })
  const stage = stageOf(last.stage)
  const year = Number(last.closeDate.slice(0, 4))
  const quarter = Math.ceil(Number(last.closeDate.slice(5, 7)) / 3)
  const opportunity = seedRecord(
    'Opportunity',
    deal.n,
    {
      IsPrivate: false,
      HasOpportunityLineItem: false,
      ...deal.fields,
      StageName: last.stage,
      Amount: last.amount,
      CloseDate: last.closeDate,
      Probability: stage.probability,
      ExpectedRevenue: expectedOf(last.amount, stage),
      ForecastCategory: stage.category,
      ForecastCategoryName: forecastLabel(stage.category),
      IsClosed: stage.closed,
      IsWon: stage.won,
      OwnerId: makeId('005', owner.n),
      PushCount: pushes,
      LastStageChangeDate: stageChanged === null ? null : momentText(stageChanged),
      FiscalYear: year,
      FiscalQuarter: quarter,
      Fiscal: `${year} ${quarter}`,
      LastAmountChangedHistoryId: amountRow,
      LastCloseDateChangedHistoryId: dateRow,
    },
    {
      created: first.at,
      modified: last.at,
      createdBy: userOf(owner, first),
      modifiedBy: userOf(owner, last),
    },
  )
  return [opportunity, ...history]
}
