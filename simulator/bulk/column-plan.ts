import type { FieldDefinition, ObjectDefinition } from '../schema/field.ts'
import type { Schema } from '../schema/schema.ts'
import type { Job } from '../store/job-store.ts'
import { isIdLookup } from './id-lookup.ts'
import { JobFailure } from './job-failure.ts'

/** What a column of an uploaded file means. */
export interface PlannedColumn {
  readonly field: FieldDefinition
  /** Set for headers such as `Account.External_Id__c`: the field that the value is looked up by. */
  readonly lookup: { readonly object: ObjectDefinition; readonly by: FieldDefinition } | null
}

/** How a job's file is read: its object, its columns, the key of an upsert. */
export interface ColumnPlan {
  readonly object: ObjectDefinition
  readonly columns: readonly PlannedColumn[]
  readonly key: FieldDefinition | null
}

/** Throws JobFailure where no row of the file can be tried. */
export function planColumns(schema: Schema, job: Job, header: readonly string[]): ColumnPlan {
  const object = schema.object(job.object)
  if (object === null) {
    throw new JobFailure('InvalidBatch', `Entity is not available : ${job.object}`)
  }
  checkRights(object, job)
  const names = header.map(columnName)
  const columns = names.map((name) => planColumn(schema, object, name))
  const seen = new Set<string>()
  for (const name of names) {
    const lower = name.toLowerCase()
    if (seen.has(lower)) throw new JobFailure('InvalidBatch', `Duplicate field name : ${name}`)
    seen.add(lower)
  }
  const key = job.externalIdField === null ? null : schema.field(object, job.externalIdField)
  if (job.operation !== 'insert' && job.operation !== 'upsert' && !seen.has('id')) {
    throw new JobFailure('InvalidBatch', 'Field name not found : Id')
  }
  return { object, columns, key }
}

/** Blanks around a name do not count; a byte order mark, which `trim` would take off too, does. */
function columnName(cell: string): string {
  return cell.replace(/^[ \t]+|[ \t]+$/g, '')
}

function checkRights(object: ObjectDefinition, job: Job): void {
  const missing = missingRight(object, job.operation)
  if (missing === null) return
  throw new JobFailure('InvalidJob', `No ${missing} access for object:${object.name}`)
}

function missingRight(object: ObjectDefinition, operation: Job['operation']): string | null {
  switch (operation) {
    case 'insert':
      return object.createable ? null : 'create'
    case 'update':
      return object.updateable ? null : 'update'
    case 'upsert':
      return object.createable && object.updateable ? null : 'create/update'
    case 'delete':
    case 'hardDelete':
      return object.deletable ? null : 'delete'
    case 'query':
    case 'queryAll':
      return null
  }
}

/** `Field`, `Relationship.Field`, or for lookups to several objects `Object:Relationship.Field`. */
const RELATIONSHIP = /^(?:(\w+):)?(\w+)\.(\w+)$/

function planColumn(schema: Schema, object: ObjectDefinition, name: string): PlannedColumn {
  const field = schema.field(object, name)
  if (field !== null) return { field, lookup: null }
  const [, type, relationship = '', byName = ''] = RELATIONSHIP.exec(name) ?? []
  const through = object.fields.find(
    (candidate) => candidate.relationshipName?.toLowerCase() === relationship.toLowerCase(),
  )
  const target = through === undefined ? null : targetOf(schema, through, type)
  const by = target === null ? null : schema.field(target, byName)
  if (through === undefined || target === null || by === null || !isIdLookup(target, by)) {
    throw new JobFailure('InvalidBatch', `Field name not found : ${name}`)
  }
  return { field: through, lookup: { object: target, by } }
}

/** The object that a relationship column reads; its type is named where the lookup has several. */
function targetOf(
  schema: Schema,
  through: FieldDefinition,
  type: string | undefined,
): ObjectDefinition | null {
  const { referenceTo } = through
  if (referenceTo.length === 1) {
    return type === undefined ? schema.object(referenceTo[0] ?? '') : null
  }
  // An owner may be a queue too, yet files name owners by their user without saying so.
  const wanted = type ?? (through.relationshipName === 'Owner' ? 'User' : '')
  const named = referenceTo.find((name) => name.toLowerCase() === wanted.toLowerCase())
  return named === undefined ? null : schema.object(named)
}
