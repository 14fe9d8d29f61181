import { forecastCategory, forecastLabel, stageOf } from '../schema/opportunity-stages.ts'
import type { RecordFields } from '../store/record-store.ts'
import { roundHalfUp } from '../values/coerce-text.ts'
import { type RowError, rowError } from '../values/row-error.ts'
import type { ObjectRules, PendingChange, SavedChange } from './object-rules.ts'
import { needed } from './related-record.ts'
import { isChanged, numberIn, setValue, textIn } from './set-value.ts'

/** Changes of these make a row of the history. */
const TRACKED = ['StageName', 'Amount', 'Probability', 'CloseDate'] as const

/** Stage, forecast, fiscal period and history of an opportunity. */
export const opportunityRules: ObjectRules = {
  derive(change) {
    keepSummedAmount(change)
    const refused = deriveStage(change)
    if (refused !== null) return refused
    deriveExpectedRevenue(change.after)
    deriveFiscalPeriod(change.after)
    if (change.before !== null) countPushes(change.before, change.after)
    return null
  },
  saved(change, scope) {
    if (change.kind !== 'created' && change.kind !== 'updated') return
    const { before, after } = change
    if (before !== null && !TRACKED.some((name) => isChanged(before, after, name))) return
    const id = scope.store.insert(
      needed(scope, 'OpportunityHistory'),
      historyRow(change),
      change.context.stamp,
    )
    if (before === null) return
    const links: RecordFields = {}
    if (isChanged(before, after, 'Amount')) links['LastAmountChangedHistoryId'] = id
    if (isChanged(before, after, 'CloseDate')) links['LastCloseDateChangedHistoryId'] = id
    if (Object.keys(links).length === 0) return
    const { stamp } = change.context
    scope.store.update(change.object, change.n, { ...after, ...links }, stamp)
  },
}

/** With line items the amount is their sum: what a caller writes there is passed over in silence. */
function keepSummedAmount({ before, after, context }: PendingChange): void {
  if (context.source === 'org' || before?.['HasOpportunityLineItem'] !== true) return
  setValue(after, 'Amount', before['Amount'])
}

function deriveStage({ before, given, after, context }: PendingChange): RowError | null {
  const name = textIn(after, 'StageName')
  // A missing stage is refused with the other required fields.
  if (name === null) return null
  const stage = stageOf(name)
  const moved = isChanged(before, after, 'StageName')
  if (numberIn(after, 'Probability') === null || (moved && given['Probability'] === undefined)) {
    after['Probability'] = stage.probability
  }
  const label = given['ForecastCategoryName']
  if (typeof label === 'string') {
    const category = forecastCategory(label)
    if (category === null) {
      return rowError(
        'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST',
        `Forecast Category: bad value for restricted picklist field: ${label}`,
        'ForecastCategoryName',
      )
    }
    after['ForecastCategory'] = category
  } else if (moved || after['ForecastCategory'] === undefined || label === null) {
    after['ForecastCategory'] = stage.category
    after['ForecastCategoryName'] = forecastLabel(stage.category)
  }
  after['IsClosed'] = stage.closed
  after['IsWon'] = stage.won
  if (before !== null && moved) {
    after['LastStageChangeDate'] = new Date(context.stamp.at).toISOString()
  }
  return null
}

function deriveExpectedRevenue(after: RecordFields): void {
  const amount = numberIn(after, 'Amount')
  const probability = numberIn(after, 'Probability') ?? 0
  const expected = amount === null ? null : roundHalfUp((amount * probability) / 100, 2)
  setValue(after, 'ExpectedRevenue', expected)
}

/** The fiscal year is the calendar year, as in a new org. */
function deriveFiscalPeriod(after: RecordFields): void {
  const day = textIn(after, 'CloseDate')
  if (day === null) return
  const year = Number(day.slice(0, 4))
  const quarter = Math.ceil(Number(day.slice(5, 7)) / 3)
  after['FiscalYear'] = year
  after['FiscalQuarter'] = quarter
  after['Fiscal'] = `${year} ${quarter}`
}

/** A push is a close date that goes to a later calendar month. */
function countPushes(before: Readonly<RecordFields>, after: RecordFields): void {
  const from = textIn(before, 'CloseDate')?.slice(0, 7)
  const to = textIn(after, 'CloseDate')?.slice(0, 7)
  if (from === undefined || to === undefined || to <= from) return
  after['PushCount'] = (numberIn(before, 'PushCount') ?? 0) + 1
}

function historyRow({ id, before, after }: SavedChange): RecordFields {
  const row: RecordFields = { OpportunityId: id }
  for (const name of [...TRACKED, 'ExpectedRevenue', 'ForecastCategory']) {
    setValue(row, name, after[name])
  }
  if (before !== null) {
    setValue(row, 'PrevAmount', before['Amount'])
    setValue(row, 'PrevCloseDate', before['CloseDate'])
  }
  return row
}
