import { keyPrefixOf } from '../ids.ts'
import type { Schema } from '../schema/schema.ts'
import type { AggregatePlan, Cell, Member, RecordsPlan, Shape } from './query-plan.ts'
import { idOf, jsonValue, type Reader, type Row } from './render-value.ts'

/** What the rendering of records depends on. */
export interface RenderScope {
  readonly schema: Schema
  readonly reader: Reader
  /** Of the API, for addresses. */
  readonly version: number
  /** The answer of a child query for one parent. */
  readonly children: (plan: RecordsPlan, parentId: string) => unknown
}

/** A row as a record of a REST answer, with its type and address. */
export function renderRecord(shape: Shape, row: Row, scope: RenderScope): Record<string, unknown> {
  const id = idOf(shape.id, row) ?? ''
  const object = scope.schema.byKeyPrefix(keyPrefixOf(id))?.name ?? ''
  const record: Record<string, unknown> = {
    attributes: {
      type: shape.type ?? object,
      url: `/services/data/v${scope.version}.0/sobjects/${object}/${id}`,
    },
  }
  for (const member of shape.members) record[member.key] = memberValue(member, row, scope, id)
  return record
}

function memberValue(member: Member, row: Row, scope: RenderScope, recordId: string): unknown {
  switch (member.kind) {
    case 'value':
      return jsonValue(member.cell, row, scope.reader)
    case 'address':
      return addressValue(member, row)
    case 'parent': {
      const { shape } = member
      return idOf(shape.id, row) === null ? null : renderRecord(shape, row, scope)
    }
    case 'typeof': {
      const id = idOf(member.id, row)
      const shape = id === null ? null : (member.branches.get(keyPrefixOf(id)) ?? member.otherwise)
      return shape === null ? null : renderRecord(shape, row, scope)
    }
    case 'children':
      return scope.children(member.plan, recordId)
  }
}

/** An address as one value; `null` where all its parts are. */
function addressValue(member: Extract<Member, { kind: 'address' }>, row: Row): object | null {
  const parts: Record<string, unknown> = {
    city: null,
    country: null,
    geocodeAccuracy: null,
    latitude: null,
    longitude: null,
    postalCode: null,
    state: null,
    street: null,
  }
  let isEmpty = true
  for (const { name, column } of member.parts) {
    const value = row[column] ?? null
    parts[name] = value
    if (value !== null) isEmpty = false
  }
  return isEmpty ? null : parts
}

/** A group as a record of a REST answer: it has no address. */
export function renderGroup(plan: AggregatePlan, row: Row, reader: Reader): object {
  const record: Record<string, unknown> = { attributes: { type: 'AggregateResult' } }
  for (const cell of plan.cells) record[cell.key] = groupValue(cell, row, reader)
  return record
}

/** A checkbox without a value is off, but a subtotal of checkboxes has none. */
function groupValue(cell: Cell, row: Row, reader: Reader): unknown {
  return row[cell.column] === null ? null : jsonValue(cell, row, reader)
}
