import { createDraw } from './draw.ts'
import { LEAD_SOURCES, STAGES } from './picklists.ts'
import type { AccountRow, OpportunityRow } from './rows.ts'

const COUNT = 120
const PREFIX = '006'

/** Days at the edges of months, quarters and years, the leap day among them. */
const EDGE_DAYS = [
  '2023-12-31',
  '2024-01-01',
  '2024-01-31',
  '2024-02-28',
  '2024-02-29',
  '2024-03-01',
  '2024-03-31',
  '2024-04-01',
  '2024-06-30',
  '2024-07-01',
  '2024-09-30',
  '2024-10-01',
  '2024-12-31',
  '2025-01-01',
  '2025-02-28',
  '2025-03-01',
]

export function makeOpportunities(accounts: readonly AccountRow[]): readonly OpportunityRow[] {
  const draw = createDraw(13)
  const live = accounts.filter((account) => !account.IsDeleted)
  const rows: OpportunityRow[] = []
  for (let n = 1; n <= COUNT; n += 1) {
    rows.push({
      ...draw.system(PREFIX, n),
      Name: `Deal ${String(n).padStart(3, '0')}`,
      AccountId: draw.orNull(0.15, draw.of(live).Id),
      OwnerId: draw.userId(),
      StageName: STAGES[n % STAGES.length] ?? draw.of(STAGES),
      // Cents, so that sums of binary fractions show their error.
      Amount: draw.orNull(0.2, draw.whole(0, 2_000_000) / 100),
      Probability: draw.orNull(0.1, draw.whole(0, 20) * 5),
      CloseDate: draw.of(EDGE_DAYS),
      Type: draw.orNull(0.3, draw.of(['Existing Customer - Upgrade', 'New Customer'])),
      LeadSource: draw.orNull(0.3, draw.of(LEAD_SOURCES)),
      NextStep: draw.orNull(0.5, draw.of(['Call', 'call', 'Visit', 'Offer'])),
    })
  }
  return rows
}
