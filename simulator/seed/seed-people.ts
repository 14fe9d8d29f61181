import { makeId } from '../ids.ts'
import type { Random } from '../seeded-random.ts'
import { ADMIN_PROFILE, SALES_PROFILE } from './org-records.ts'
import { FIRST_NAMES, LAST_NAMES } from './seed-names.ts'
import type { SeedRecord } from './seed-record.ts'
import { type SeedScope, type Seller, seedRecord } from './seed-scope.ts'
import type { WorkingCalendar } from './working-calendar.ts'

const DAY = 86_400_000
const SELLERS_OF_A_MANAGER = 5
const ZONES = ['America/New_York', 'Europe/London', 'Europe/Berlin', 'Asia/Tokyo'] as const
const ADMIN_N = 1

/** The people of a company that sells, and what the rest of the seed has to know of them. */
export interface SeedPeople {
  readonly records: readonly SeedRecord[]
  readonly sellers: readonly Seller[]
  readonly supportN: number
}

/** A head of sales, managers, sellers of different skill (one has left), and a support agent. */
export function seedPeople(
  random: Random,
  calendar: WorkingCalendar,
  sellerCount: number,
  next: SeedScope['next'],
): SeedPeople {
  const records: SeedRecord[] = []
  const at = calendar.start - 30 * DAY
  const stamps = { created: at, modified: at, createdBy: ADMIN_N }
  const roles = new Map<string, string>()

  function addRole(name: string, parent: string | null): string {
    const { n, id } = next('UserRole')
    records.push(
      seedRecord(
        'UserRole',
        n,
        {
          Name: name,
          DeveloperName: name.replaceAll(' ', '_'),
          ParentRoleId: parent === null ? null : roles.get(parent),
        },
        stamps,
      ),
    )
    roles.set(name, id)
    return id
  }

  // The administrator has number 1 in every org.
  next('User')
  function addUser(role: string, title: string, managerId: string | null, left: number | null) {
    const { n, id } = next('User')
    const first = FIRST_NAMES[(n * 7) % FIRST_NAMES.length] ?? 'A'
    const last = LAST_NAMES[(n * 11) % LAST_NAMES.length] ?? 'B'
    const username = `user${n}@simulator.example`
    records.push(
      seedRecord(
        'User',
        n,
        {
          Username: username,
          FirstName: first,
          LastName: last,
          Name: `${first} ${last}`,
          Email: username,
          Alias: `${first.slice(0, 1)}${last.slice(0, 4)}`.toLowerCase(),
          CommunityNickname: `user${n}`,
          Title: title,
          Department: role === 'Support' ? 'Support' : 'Sales',
          IsActive: left === null,
          TimeZoneSidKey: ZONES[n % ZONES.length],
          LocaleSidKey: 'en_US',
          EmailEncodingKey: 'UTF-8',
          LanguageLocaleKey: 'en_US',
          UserType: 'Standard',
          ForecastEnabled: role !== 'Support',
          ProfileId: makeId('00e', role === 'Head of Sales' ? ADMIN_PROFILE : SALES_PROFILE),
          UserRoleId: roles.get(role),
          ManagerId: managerId,
        },
        left === null ? stamps : { ...stamps, modified: left },
      ),
    )
    return { n, id }
  }

  addRole('Head of Sales', null)
  addRole('Sales Manager', 'Head of Sales')
  addRole('Account Executive', 'Sales Manager')
  addRole('Support', null)
  const head = addUser('Head of Sales', 'VP Sales', null, null)
  const support = addUser('Support', 'Support Agent', head.id, null)
  const sellers: Seller[] = []
  let manager = head
  for (let index = 0; index < sellerCount; index += 1) {
    if (index % SELLERS_OF_A_MANAGER === 0) {
      manager = addUser('Sales Manager', 'Regional Manager', head.id, null)
    }
    const left = index === sellerCount - 1 && sellerCount > 2 ? calendar.end - 200 * DAY : null
    const person = addUser('Account Executive', 'Account Executive', manager.id, left)
    sellers.push({ ...person, managerN: manager.n, skill: 0.7 + random() * 0.6, left })
  }
  return { records, sellers, supportN: support.n }
}
