/** The header by which a caller saves a record although an alerting duplicate rule objects. */
export const DUPLICATE_RULE_HEADER = 'Sforce-Duplicate-Rule-Header'

/** Whether its value says so: `allowSave=true`, among others. */
export function allowsDuplicates(header: string | null): boolean {
  return /(?:^|[;,\s])allowSave\s*=\s*true(?:[;,\s]|$)/i.test(header ?? '')
}
