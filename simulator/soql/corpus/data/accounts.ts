import { createDraw } from './draw.ts'
import { ACCOUNT_TYPES, INDUSTRIES, RATINGS, TIERS } from './picklists.ts'
import type { AccountRow } from './rows.ts'

const LIVE = 90
const DELETED = 6
const PREFIX = '001'

const WORDS = ['Northwind', 'contoso', 'Fabrikam', 'ACME', 'acme', 'Żubr', 'żubr', 'Initech']
const CITIES = ['Paris', 'paris', 'Zürich', 'ZÜRICH', 'Oslo', 'San José']
const COUNTRIES = ['France', 'Norway', 'USA', 'Costa Rica']

/**
 * Accounts 1 to 8 are one chain, each the parent of the next, so that paths of five levels find
 * something; later ones hang below an earlier account or stand alone.
 */
function parentOf(n: number, chance: (share: number) => boolean, earlier: () => number) {
  if (n === 1) return null
  if (n <= 8) return n - 1
  return chance(0.5) ? earlier() : null
}

export function makeAccounts(): readonly AccountRow[] {
  const draw = createDraw(11)
  const rows: AccountRow[] = []
  for (let n = 1; n <= LIVE + DELETED; n += 1) {
    const deleted = n > LIVE
    const parent = deleted ? null : parentOf(n, draw.chance, () => draw.whole(1, n - 1))
    rows.push({
      ...draw.system(PREFIX, n, deleted),
      Name: `${draw.of(WORDS)} ${draw.whole(1, 12)}`,
      ParentId: parent === null ? null : (rows[parent - 1]?.Id ?? null),
      OwnerId: draw.userId(),
      Type: draw.orNull(0.2, draw.of(ACCOUNT_TYPES)),
      Industry: draw.orNull(0.25, draw.of(INDUSTRIES)),
      Rating: draw.orNull(0.3, draw.of(RATINGS)),
      AnnualRevenue: draw.orNull(0.25, draw.whole(0, 40) * 25_000),
      NumberOfEmployees: draw.orNull(0.3, draw.whole(0, 500)),
      BillingCity: draw.orNull(0.3, draw.of(CITIES)),
      BillingCountry: draw.orNull(0.2, draw.of(COUNTRIES)),
      Website: draw.orNull(0.5, `https://example.com/${n}`),
      Description: draw.orNull(0.5, `Description of account ${n}`),
      Tier__c: draw.orNull(0.3, draw.of(TIERS)),
      Active__c: draw.chance(0.5),
      Score__c: draw.orNull(0.2, draw.whole(-500, 5_000) / 100),
      Last_Contacted__c: draw.orNull(
        0.4,
        new Date(
          Date.UTC(2024, draw.whole(0, 11), draw.whole(1, 28), draw.whole(0, 23)),
        ).toISOString(),
      ),
      External_Id__c: draw.orNull(0.3, `A-${String(n).padStart(3, '0')}`),
    })
  }
  return rows
}
