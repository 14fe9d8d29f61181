import type { Hono } from 'hono'
import { html } from 'hono/html'
import type { Org, OrgEnv } from '../http/org-context.ts'
import { canonicalId, keyPrefixOf, makeId } from '../ids.ts'
import type { FieldDefinition, ObjectDefinition } from '../schema/field.ts'
import { fieldValue } from '../soql/record-json.ts'
import { indexedLookups, recordTable, valueExpression } from '../store/database.ts'
import type { StoredRecord } from '../store/record-store.ts'
import { answerPage, count, type Html, table } from './page-layout.ts'

const PAGE_SIZE = 50
/** Columns of a list beside id and name: the rest is on the record's own page. */
const MAX_COLUMNS = 7
const CHILDREN_SHOWN = 20

/** Records of an object in pages, and a record with its children. */
export function addObjectPages(app: Hono<OrgEnv>, org: Org): void {
  app.get('/page/objects/:object', (c) => {
    const object = org.schema.object(c.req.param('object'))
    if (object === null) return missing(c)
    const after = Number(c.req.query('after') ?? 0)
    const page = org.store.page(object, Number.isSafeInteger(after) ? after : 0, PAGE_SIZE)
    const columns = listColumns(object, page)
    const rows = page.map((record) => {
      const id = makeId(object.keyPrefix, record.n)
      const cells = columns.map((field) => html`<td>${shownValue(org, object, record, field)}</td>`)
      return html`<tr><td><a href="/page/records/${id}">${id}</a>${
        record.deleted ? html` <span class="bad">deleted</span>` : ''
      }</td>${cells}</tr>`
    })
    const last = page.at(-1)
    const next =
      page.length < PAGE_SIZE || last === undefined
        ? ''
        : html`<p><a href="/page/objects/${object.name}?after=${last.n}">Next ${PAGE_SIZE}</a></p>`
    const head = [['Id'] as const, ...columns.map((field) => [field.name] as const)]
    return answerPage(c, {
      title: `${object.label} records`,
      current: '/',
      body: html`<p>${count(org.store.count(object))} live records of ${object.name}, by number.
        ${after > 0 ? html`<a href="/page/objects/${object.name}">From the first</a>` : ''}</p>
        <div class="list">${table(head, rows)}</div>${next}`,
    })
  })

  app.get('/page/records/:id', (c) => {
    const id = canonicalId(c.req.param('id'))
    const object = id === null ? null : org.schema.byKeyPrefix(keyPrefixOf(id))
    const record = id === null || object === null ? null : org.store.get(object, id)
    if (id === null || object === null || record === null) return missing(c)
    const values = object.fields.filter((field) => field.type !== 'address')
    const isEmpty = (field: FieldDefinition): boolean => fieldValue(object, record, field) === null
    const rows = values
      .filter((field) => !isEmpty(field))
      .map((field) => {
        return html`<tr><td>${field.name}</td><td class="faint">${field.type}</td>
        <td class="text">${shownValue(org, object, record, field)}</td></tr>`
      })
    const empty = values.filter(isEmpty).map((field) => field.name)
    const name = object.fields.find((field) => field.nameField)
    const title = name === undefined ? id : String(fieldValue(object, record, name) ?? id)
    return answerPage(c, {
      title,
      current: '/',
      body: html`<p><a href="/page/objects/${object.name}">${object.label}</a> ${id}${
        record.deleted ? html` <span class="bad">deleted</span>` : ''
      }</p>
        ${table([['Field'], ['Type'], ['Value']], rows)}
        ${empty.length === 0 ? '' : html`<p class="faint">Without a value: ${empty.join(', ')}</p>`}
        ${childTables(org, object, id)}`,
    })
  })
}

function missing(c: Parameters<typeof answerPage>[0]) {
  return answerPage(c, {
    title: 'Not here',
    current: '/',
    body: html`<p>The org has nothing of this name. <a href="/">All objects</a></p>`,
    status: 404,
  })
}

function listColumns(object: ObjectDefinition, page: readonly StoredRecord[]): FieldDefinition[] {
  const name = object.fields.filter((field) => field.nameField)
  const filled = object.fields.filter((field) =>
    page.some((record) => (record.fields[field.name] ?? null) !== null),
  )
  const keys = filled.filter((field) => field.externalId || field.unique)
  const modified = object.fields.filter((field) => field.name === 'LastModifiedDate')
  return [...new Set([...name, ...keys, ...filled.slice(0, MAX_COLUMNS), ...modified])]
}

/** A value as it is stored; ids of records that can be looked at are links. */
function shownValue(
  org: Org,
  object: ObjectDefinition,
  record: StoredRecord,
  field: FieldDefinition,
): Html | string {
  const value = fieldValue(object, record, field)
  if (value === null) return ''
  const text = String(value)
  const isLink = field.type === 'reference' && org.schema.byKeyPrefix(keyPrefixOf(text)) !== null
  return isLink ? html`<a href="/page/records/${text}">${text}</a>` : text
}

function childTables(org: Org, parent: ObjectDefinition, id: string): Html[] {
  const tables: Html[] = []
  for (const { child, field } of org.schema.children(parent)) {
    // Others, such as owners, have no index: the list would read all records.
    if (!indexedLookups(child).includes(field)) continue
    const numbers = org.database
      .prepare(
        `SELECT n FROM ${recordTable(child)}
         WHERE ${valueExpression(field)} = ? AND deleted = 0 ORDER BY n LIMIT ?`,
      )
      .all(id, CHILDREN_SHOWN + 1)
      .map((row) => Number(row['n']))
    if (numbers.length === 0) continue
    const records = numbers.slice(0, CHILDREN_SHOWN).flatMap((n) => {
      return org.store.byNumber(child, n) ?? []
    })
    const columns = listColumns(child, records)
    const rows = records.map((record) => {
      const childId = makeId(child.keyPrefix, record.n)
      const cells = columns.map(
        (column) => html`<td>${shownValue(org, child, record, column)}</td>`,
      )
      return html`<tr><td><a href="/page/records/${childId}">${childId}</a></td>${cells}</tr>`
    })
    const more = numbers.length > CHILDREN_SHOWN ? html`<p class="faint">and more</p>` : ''
    const head = [['Id'] as const, ...columns.map((column) => [column.name] as const)]
    tables.push(
      html`<h2>${child.labelPlural} by ${field.name}</h2><div class="list">${table(head, rows)}</div>${more}`,
    )
  }
  return tables
}
