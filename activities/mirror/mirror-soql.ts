/** SOQL of the mirror. Names come from our own tables, ids and times from Salesforce's answers. */

/** The place of a row in the order of SystemModstamp and Id; `id` null stands before all rows of that time. */
export interface ModstampPlace {
  readonly modstamp: Date
  readonly id: string | null
}

const ID = /^[0-9A-Za-z]{15}(?:[0-9A-Za-z]{3})?$/

/**
 * Rows after a place. Many rows of one transaction share their SystemModstamp, so a page may end among them. The first
 * condition alone could be answered by the index of SystemModstamp; the second one takes away what was read.
 */
export function pageQuery(
  object: string,
  fields: readonly string[],
  { modstamp, id }: ModstampPlace,
  limit: number,
): string {
  const at = modstamp.toISOString()
  const after = id === null ? '' : ` AND (SystemModstamp > ${at} OR Id > ${literalId(id)})`
  return `${select(object, fields)} WHERE SystemModstamp >= ${at}${after} ORDER BY SystemModstamp, Id LIMIT ${limit}`
}

/** Rows in the order of their ids, after one of them. */
export function walkQuery(
  object: string,
  fields: readonly string[],
  after: string | null,
  limit: number,
): string {
  const where = after === null ? '' : ` WHERE Id > ${literalId(after)}`
  return `${select(object, fields)}${where} ORDER BY Id LIMIT ${limit}`
}

export function allQuery(object: string, fields: readonly string[]): string {
  return select(object, fields)
}

function select(object: string, fields: readonly string[]): string {
  return `SELECT ${['Id', ...fields].join(', ')} FROM ${object}`
}

/** @throws Error for what is no id: it would end the literal. */
function literalId(id: string): string {
  if (!ID.test(id)) throw new Error('Salesforce gave an id that is none.')
  return `'${id}'`
}
