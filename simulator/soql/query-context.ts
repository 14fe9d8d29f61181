import type { Schema } from '../schema/schema.ts'
import type { RecordStore } from '../store/record-store.ts'
import type { FiscalYear } from './date-part.ts'
import { isZone, localDay } from './local-time.ts'
import type { Calendar } from './period.ts'

/** What the meaning of a query depends on besides its text. */
export interface QueryContext {
  /** Milliseconds since 1970. */
  readonly now: number
  /** The number of the calling user's record. */
  readonly user: number
  /** The user's time zone. */
  readonly zone: string
  /** The user's locale, as `en_US`. */
  readonly locale: string
  readonly fiscal: FiscalYear
  /** Whether records of the recycle bin are found: `queryAll`. */
  readonly withDeleted: boolean
}

/** The context of a call by a user, from the user's record and the organization's. */
export function contextOf(
  schema: Schema,
  store: RecordStore,
  call: Pick<QueryContext, 'now' | 'user' | 'withDeleted'>,
): QueryContext {
  const users = schema.object('User')
  const user = users === null ? null : store.byNumber(users, call.user)
  const organizations = schema.object('Organization')
  const organization = organizations === null ? undefined : store.page(organizations, 0, 1)[0]
  const zone = String(user?.fields['TimeZoneSidKey'] ?? 'GMT')
  return {
    ...call,
    zone: isZone(zone) ? zone : 'GMT',
    locale: String(user?.fields['LocaleSidKey'] ?? 'en_US'),
    fiscal: {
      start: Number(organization?.fields['FiscalYearStartMonth'] ?? 1),
      namedByStart: organization?.fields['UsesStartDateAsFiscalYearName'] === true,
    },
  }
}

/** The calendar that relative dates are counted in. */
export function calendarOf(context: QueryContext): Calendar {
  const known = calendars.get(context)
  if (known !== undefined) return known
  const made = {
    today: localDay(context.zone, context.now),
    firstWeekday: firstWeekday(context.locale),
    fiscalYearStart: context.fiscal.start,
  }
  calendars.set(context, made)
  return made
}

/** Each relative date of a statement asks for it, and locale data are slow to look up. */
const calendars = new WeakMap<QueryContext, Calendar>()

/** `en_US` of Salesforce as `en-US` of the web; a locale that nobody knows counts as American. */
export function webLocale(locale: string): string {
  const tag = locale.split('_').slice(0, 2).join('-')
  try {
    return new Intl.Locale(tag).toString()
  } catch (error) {
    if (error instanceof RangeError) return 'en-US'
    throw error
  }
}

function firstWeekday(locale: string): number {
  const known: Intl.Locale & { getWeekInfo?(): { firstDay: number } } = new Intl.Locale(
    webLocale(locale),
  )
  // 1 for Monday to 7 for Sunday.
  return (known.getWeekInfo?.().firstDay ?? 7) % 7
}
