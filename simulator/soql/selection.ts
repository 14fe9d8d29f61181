import { isCustom } from '../schema/field.ts'
import type { Schema } from '../schema/schema.ts'
import { findObject } from './find-object.ts'
import { argumentOfFormat, formatOf } from './format.ts'
import type { AddressPart, Cell, Member, Shape } from './query-plan.ts'
import { malformed, SoqlError } from './soql-error.ts'
import type { Place, Source } from './source.ts'
import type { Expression, FieldReference, SelectItem } from './statement.ts'
import type { Value } from './value.ts'

/** Collects what a SELECT list asks for: columns of the SQL, and the record that they make. */
export interface Selection {
  add(item: Exclude<SelectItem, { kind: 'children' }>): void
  addMember(member: Member): void
  readonly columns: readonly string[]
  readonly cells: readonly Cell[]
  shape(): Shape
}

/** A record under construction. */
interface Draft {
  readonly place: Place
  readonly type: string | null
  readonly id: Shape['id']
  readonly members: (Member | { readonly draft: Draft; readonly key: string })[]
  readonly keys: Set<string>
}

export function createSelection(schema: Schema, source: Source): Selection {
  const columns: string[] = []
  const cells: Cell[] = []
  const root = draftOf(source.root)

  function column(sql: string): number {
    const known = columns.indexOf(sql)
    if (known !== -1) return known
    columns.push(sql)
    return columns.length - 1
  }

  /** Of a lookup with several objects the id alone tells the type. */
  function draftOf(place: Place, type?: string | null): Draft {
    const [target] = place.targets
    const single = !place.shared && target !== undefined
    const value = single || place.lookup === null ? source.field(place, 'Id', 0) : place.lookup
    const shown = type === undefined ? (single ? target.object.name : 'Name') : type
    return {
      place,
      type: shown,
      id: { value, column: column(value.sql) },
      members: [],
      keys: new Set(),
    }
  }

  function claim(draft: Draft, key: string, shown: string, at: number): void {
    const lower = key.toLowerCase()
    if (draft.keys.has(lower)) {
      throw new SoqlError('INVALID_FIELD', `duplicate field selected: ${shown}`, at)
    }
    draft.keys.add(lower)
  }

  /** The record of a parent inside the one that is being made. */
  function descend(from: Draft, names: readonly string[], at: number): Draft {
    return names.reduce((draft, name) => {
      const place = source.step(draft.place, name, at)
      const key = place.lookup?.field.relationshipName ?? name
      for (const member of draft.members) {
        if ('draft' in member && member.key === key) return member.draft
      }
      claim(draft, key, key, at)
      const inner = draftOf(place)
      draft.members.push({ draft: inner, key })
      return inner
    }, from)
  }

  function addValue(
    draft: Draft,
    value: Value,
    alias: string | null,
    format: Cell['format'],
    at: number,
  ): void {
    const last = value.name.split('.').at(-1) ?? value.name
    const key = alias ?? last
    claim(draft, key, alias ?? value.name, at)
    if (value.type === 'address') {
      draft.members.push({ kind: 'address', key, parts: addressParts(draft.place, value) })
      return
    }
    const cell: Cell = {
      key,
      header: alias ?? value.name,
      value,
      column: column(value.sql),
      format,
      aggregate: null,
    }
    cells.push(cell)
    draft.members.push({ kind: 'value', key, cell })
  }

  function addressParts(place: Place, compound: Value): AddressPart[] {
    const fields = place.targets[0]?.object.fields ?? []
    const parts = fields.filter((field) => field.compoundFieldName === compound.field.name)
    const prefix = compound.field.name.replace(/Address(__c)?$/, '')
    return parts.map((part) => {
      const name = part.name.slice(prefix.length)
      const value = source.field(place, part.name, 0)
      return { name: name.charAt(0).toLowerCase() + name.slice(1), column: column(value.sql) }
    })
  }

  function addExpression(expression: Expression, alias: string | null): void {
    if (expression.kind === 'call') {
      const inner = argumentOfFormat(expression)
      const names = source.names(inner.path)
      names.pop()
      const value = source.value(inner)
      const format = expression.name === 'FORMAT' ? formatOf(value) : null
      addValue(descend(root, names, expression.at), value, alias, format, expression.at)
      return
    }
    if (alias !== null) {
      throw malformed('only aggregate expressions use field aliasing', expression.at)
    }
    addField(root, source.names(expression.path), expression.at)
  }

  function addField(from: Draft, path: readonly string[], at: number): void {
    const draft = descend(from, path.slice(0, -1), at)
    addValue(draft, source.field(draft.place, path.at(-1) ?? '', at), null, null, at)
  }

  function addFields({ group, at }: Extract<SelectItem, { kind: 'fields' }>): void {
    const before = root.members.length
    for (const field of source.object.fields) {
      if (group !== 'ALL' && isCustom(field.name) !== (group === 'CUSTOM')) continue
      addValue(root, source.field(source.root, field.name, at), null, null, at)
    }
    if (root.members.length > before || cells.length > 0) return
    throw malformed(
      "'FIELDS(...)' expansion function must result in at least one field being selected.",
      at,
    )
  }

  function addTypeof(item: Extract<SelectItem, { kind: 'typeof' }>): void {
    const names = source.names(item.relationship)
    const place = source.place(names, item.at)
    const { lookup } = place
    const key = lookup?.field.relationshipName ?? item.relationship
    if (lookup === null || !place.shared) {
      throw malformed(`TYPEOF can not be used on '${item.relationship}'`, item.at)
    }
    const parent = descend(root, names.slice(0, -1), item.at)
    claim(parent, key, key, item.at)
    const id = { value: lookup, column: column(lookup.sql) }
    const branches = new Map<string, Shape>()
    for (const branch of item.branches) {
      const object = findObject(schema, { name: branch.object, at: branch.at })
      const target = place.targets.find((candidate) => candidate.object.name === object.name)
      if (target === undefined) {
        throw malformed(`'${branch.object}' is no type of '${item.relationship}'`, branch.at)
      }
      const only: Place = { ...place, targets: [target], shared: false }
      branches.set(object.keyPrefix, branchShape(only, branch.fields, object.name))
    }
    const otherwise = item.otherwise.length === 0 ? null : branchShape(place, item.otherwise, null)
    const lookupField = lookup.field
    parent.members.push({ kind: 'typeof', key, lookup: lookupField, branches, otherwise, id })
  }

  /** The record that a lookup leads to, where it is of one kind. */
  function branchShape(
    place: Place,
    fields: readonly FieldReference[],
    type: string | null,
  ): Shape {
    const draft = draftOf(place, type)
    for (const { path, at } of fields) addField(draft, path.split('.'), at)
    return finished(draft)
  }

  function finished(draft: Draft): Shape {
    const members = draft.members.map((member): Member => {
      if (!('draft' in member)) return member
      const lookup = member.draft.place.lookup
      if (lookup === null) throw new Error(`no lookup leads to ${member.key}`)
      return {
        kind: 'parent',
        key: member.key,
        lookup: lookup.field,
        shape: finished(member.draft),
      }
    })
    return { type: draft.type, id: draft.id, members }
  }

  return {
    columns,
    cells,
    shape: () => finished(root),
    addMember(member) {
      claim(root, member.key, member.key, 0)
      root.members.push(member)
    },
    add(item) {
      switch (item.kind) {
        case 'expression':
          return addExpression(item.expression, item.alias)
        case 'fields':
          return addFields(item)
        case 'typeof':
          return addTypeof(item)
      }
    },
  }
}
