import { DAY, dayNumber, HOUR, localDay, startOfDay, type Zone } from '../zones.ts'
import { createDraw, type Draw } from './draw.ts'
import { MOMENTS, QUESTIONS } from './moments.ts'
import { STATUSES } from './picklists.ts'
import type { AccountRow, CustomRow, Purpose } from './rows.ts'

const PREFIX = 'a00'
const TYPED = 60

/** Texts on which folding of case, ordering and LIKE go wrong. */
const TEXTS: readonly (string | null)[] = [
  'Apple',
  'apple',
  'APPLE',
  'Äpfel',
  'äpfel',
  'Zebra',
  'zebra',
  'Éclair',
  'éclair',
  '100%',
  '100 percent',
  '50%_off',
  '50%xoff',
  '50 xoff',
  'under_score',
  'underXscore',
  'Underworld',
  "O'Brien",
  'back\\slash',
  'double"quote',
  'line\nbreak',
  'tab\there',
  'ñandú',
  'ÑANDÚ',
  'Привет',
  'ПРИВЕТ',
  'ΑΘΗΝΑ',
  'αθηνα',
  'ΟΔΟΣ',
  'οδος',
  'ΟΔΟΣΑ',
  'οδοσα',
  '日本',
  'a',
  'ab',
  'abc',
  '_lead',
  null,
  null,
]

const COLOURS = ['Red', 'Green', 'Blue', 'Red;Green', 'Red;Blue', 'Green;Blue', 'Red;Green;Blue']

type OwnFields = Partial<Omit<CustomRow, 'n' | 'Name' | 'Phone__c'>>

/** Custom objects by purpose, numbered from 1. */
export function makeCustomObjects(accounts: readonly AccountRow[]): readonly CustomRow[] {
  const draw = createDraw(15)
  const rows: CustomRow[] = []
  function add(purpose: Purpose, fields: OwnFields): void {
    const n = rows.length + 1
    rows.push({
      ...draw.system(PREFIX, n),
      Name: `${purpose} ${String(n).padStart(4, '0')}`,
      Phone__c: purpose,
      OwnerId: draw.userId(),
      Account__c: null,
      Text__c: null,
      Long_Text__c: null,
      Number__c: null,
      Currency__c: null,
      Percent__c: null,
      Checkbox__c: false,
      Date__c: null,
      Datetime__c: null,
      Email__c: null,
      Url__c: null,
      Status__c: null,
      Colours__c: null,
      ...fields,
    })
  }
  const live = accounts.filter((account) => !account.IsDeleted)
  for (let count = 0; count < TYPED; count += 1) add('typed', typedFields(draw, live))
  for (const text of TEXTS) add('text', { Text__c: text })
  for (const instant of clockInstants()) add('clock', datedFields(instant))
  for (const instant of clockChanges()) add('dst', datedFields(instant))
  return rows
}

function typedFields(draw: Draw, accounts: readonly AccountRow[]): OwnFields {
  return {
    Account__c: draw.orNull(0.3, draw.of(accounts).Id),
    Text__c: draw.orNull(0.2, draw.of(['alpha', 'Beta', 'gamma'])),
    Long_Text__c: draw.orNull(0.5, 'Long text'),
    Number__c: draw.orNull(0.2, draw.of([0, 1, -1, 0.5, 12.34, -7.25, 1_000_000, 99.99])),
    Currency__c: draw.orNull(0.2, draw.whole(-1_000, 100_000) / 100),
    Percent__c: draw.orNull(0.2, draw.whole(0, 1_000) / 10),
    Checkbox__c: draw.chance(0.5),
    Date__c: draw.orNull(0.2, draw.of(['2024-02-28', '2024-02-29', '2024-03-01', '2023-12-31'])),
    Datetime__c: draw.orNull(
      0.2,
      draw.of([
        '2024-02-29T00:00:00.000Z',
        '2024-02-29T23:59:59.000Z',
        '2024-03-01T00:00:00.000Z',
        '2024-03-31T12:30:00.000Z',
      ]),
    ),
    Email__c: draw.orNull(0.2, draw.of(['a@example.com', 'B@Example.com', 'b@example.com'])),
    Url__c: draw.orNull(0.2, draw.of(['https://example.com/a', 'https://example.com/b'])),
    Status__c: draw.orNull(0.2, draw.of(STATUSES)),
    Colours__c: draw.orNull(0.2, draw.of(COLOURS)),
  }
}

/** Both dates of a row are of one instant: the date is the day in UTC. */
function datedFields(instant: number): OwnFields {
  const Datetime__c = new Date(instant).toISOString()
  return { Datetime__c, Date__c: Datetime__c.slice(0, 10) }
}

/** The last second before, and the first second of, days in the zones that are asked in, in order. */
function clockInstants(): readonly number[] {
  const instants = QUESTIONS.flatMap(([moment, zone]) =>
    edgeDays(zone, MOMENTS[moment]).flatMap((day) => [
      startOfDay(zone, day) - 1_000,
      startOfDay(zone, day),
      // In UTC, of which the rows' dates are.
      day * DAY,
    ]),
  )
  return [...new Set(instants)].sort((a, b) => a - b)
}

/** Days at which a relative date may begin or end: first days of years, quarters, months and weeks. */
function edgeDays(zone: Zone, moment: number): readonly number[] {
  const today = localDay(zone, moment)
  const year = new Date(moment).getUTCFullYear()
  const month = new Date(moment).getUTCMonth()
  const quarter = 3 * Math.floor(month / 3)
  const first = (months: number): number => Date.UTC(year, months, 1) / DAY
  const sunday = today - new Date(today * DAY).getUTCDay()
  const near = [0, 1, 2, 7, 8, 89, 90, 91]
  return [
    ...near.flatMap((away) => [today - away, today + away]),
    ...[-3, -2, -1, 0, 1, 2, 3].flatMap((places) => [
      sunday + 7 * places,
      first(month + places),
      first(quarter + 3 * places),
      first(12 * places),
    ]),
    first(month - 4),
    first(month + 4),
    first(quarter + 12),
  ]
}

/** Every half hour around changes of the clock in Los Angeles and in Sydney. */
function clockChanges(): readonly number[] {
  return ['2024-03-10', '2024-11-03', '2024-04-06', '2024-10-05'].flatMap((text) =>
    Array.from({ length: 30 }, (_, step) => dayNumber(text) * DAY + 5 * HOUR + step * (HOUR / 2)),
  )
}
