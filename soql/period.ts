/** Date literals of SOQL, those with a number apart (SOQL and SOSL Reference, "Date Formats and Date Literals"). */
const PLAIN: ReadonlySet<string> = new Set([
  ...['YESTERDAY', 'TODAY', 'TOMORROW', 'LAST_90_DAYS', 'NEXT_90_DAYS'],
  ...['WEEK', 'MONTH', 'QUARTER', 'YEAR', 'FISCAL_QUARTER', 'FISCAL_YEAR'].flatMap((unit) =>
    ['LAST', 'THIS', 'NEXT'].map((when) => `${when}_${unit}`),
  ),
])

const COUNTED: ReadonlySet<string> = new Set([
  ...['DAYS', 'WEEKS', 'MONTHS', 'QUARTERS', 'YEARS', 'FISCAL_QUARTERS', 'FISCAL_YEARS'].flatMap(
    (unit) => [`LAST_N_${unit}`, `NEXT_N_${unit}`],
  ),
  ...['DAYS', 'WEEKS', 'MONTHS', 'QUARTERS', 'YEARS', 'FISCAL_QUARTERS', 'FISCAL_YEARS'].map(
    (unit) => `N_${unit}_AGO`,
  ),
])

/** Whether a word in capitals is a date literal, with a number behind it or without. */
export function isPeriodName(name: string, counted: boolean): boolean {
  return (counted ? COUNTED : PLAIN).has(name)
}
