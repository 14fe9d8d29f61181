import { createDraw } from './draw.ts'
import { LEAD_SOURCES, LEVELS } from './picklists.ts'
import type { AccountRow, ContactRow } from './rows.ts'

const LIVE = 110
const DELETED = 8
const PREFIX = '003'

const FIRST_NAMES = ['Ana', 'ana', 'Émile', 'émile', 'Jürgen', 'Olu', 'Mei']
const LAST_NAMES = ['Smith', 'smith', 'SMITH', 'Núñez', 'NÚÑEZ', 'Okafor', 'Li', 'García']
const TITLES = ['CEO', 'ceo', 'VP Sales', 'Engineer', 'Buyer']
const DEPARTMENTS = ['Sales', 'Finance', 'IT']
const LANGUAGES = [
  'English',
  'French',
  'German',
  'Spanish',
  'English;French',
  'English;German',
  'French;German',
  'English;French;German',
  'English;French;German;Spanish',
]

/**
 * Contacts 1 to 7 report to one another in a chain; four in five of all belong to an account. Deleted
 * ones belong to a deleted account or are all that a live one ever had.
 */
export function makeContacts(accounts: readonly AccountRow[]): readonly ContactRow[] {
  const draw = createDraw(12)
  const live = accounts.filter((account) => !account.IsDeleted)
  const gone = accounts.filter((account) => account.IsDeleted)
  const rows: ContactRow[] = []
  for (let n = 1; n <= LIVE + DELETED; n += 1) {
    const deleted = n > LIVE
    const FirstName = draw.orNull(0.2, draw.of(FIRST_NAMES))
    const LastName = draw.of(LAST_NAMES)
    const used = new Set(rows.map((row) => row.AccountId))
    const homes = deleted
      ? draw.chance(0.5)
        ? gone
        : live.filter((account) => !used.has(account.Id))
      : live
    const superior = n <= 7 ? n - 1 : draw.chance(0.4) ? draw.whole(1, n - 1) : 0
    rows.push({
      ...draw.system(PREFIX, n, deleted),
      FirstName,
      LastName,
      Name: FirstName === null ? LastName : `${FirstName} ${LastName}`,
      AccountId: draw.orNull(0.2, draw.of(homes).Id),
      ReportsToId: deleted ? null : (rows[superior - 1]?.Id ?? null),
      OwnerId: draw.userId(),
      Email: draw.orNull(0.2, `c${draw.whole(1, 60)}@example.com`),
      Title: draw.orNull(0.3, draw.of(TITLES)),
      Department: draw.orNull(0.3, draw.of(DEPARTMENTS)),
      LeadSource: draw.orNull(0.3, draw.of(LEAD_SOURCES)),
      Birthdate: draw.orNull(
        0.3,
        `19${draw.whole(50, 99)}-0${draw.whole(1, 9)}-${draw.whole(10, 28)}`,
      ),
      HasOptedOutOfEmail: draw.chance(0.3),
      DoNotCall: draw.chance(0.3),
      Level__c: draw.orNull(0.2, draw.of(LEVELS)),
      Languages__c: draw.orNull(0.2, draw.of(LANGUAGES)),
    })
  }
  return rows
}
