/** The form of Salesforce's record ids: 15 characters, or 18 where letters' case is repeated behind them. */
const FORM = /^[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?$/

export function isRecordId(text: string): boolean {
  return FORM.test(text)
}

/** The same for both forms of an id. */
export function recordKey(id: string): string {
  return id.slice(0, 15)
}
