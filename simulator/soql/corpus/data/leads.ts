import { createDraw } from './draw.ts'
import { LEAD_SOURCES, LEAD_STATUSES, RATINGS } from './picklists.ts'
import type { LeadRow } from './rows.ts'

const COUNT = 70
const PREFIX = '00Q'

export function makeLeads(): readonly LeadRow[] {
  const draw = createDraw(14)
  const rows: LeadRow[] = []
  for (let n = 1; n <= COUNT; n += 1) {
    const FirstName = draw.orNull(0.3, draw.of(['Kim', 'Noor', 'Sam']))
    const LastName = `Lead ${draw.whole(1, 30)}`
    rows.push({
      ...draw.system(PREFIX, n),
      FirstName,
      LastName,
      Name: FirstName === null ? LastName : `${FirstName} ${LastName}`,
      Company: `Company ${draw.of(['A', 'B', 'C', 'D'])}`,
      OwnerId: draw.userId(),
      Status: draw.of(LEAD_STATUSES),
      LeadSource: draw.orNull(0.25, draw.of(LEAD_SOURCES)),
      Rating: draw.orNull(0.25, draw.of(RATINGS)),
      Country: draw.orNull(0.2, draw.of(['Norway', 'India', 'USA'])),
      NumberOfEmployees: draw.orNull(0.3, draw.whole(1, 200)),
      IsConverted: false,
      IsUnreadByOwner: draw.chance(0.5),
    })
  }
  return rows
}
