import type { FieldDefinition, ObjectDefinition } from '../schema/field.ts'
import type { Schema } from '../schema/schema.ts'
import type { Job } from '../store/job-store.ts'
import { CsvError } from './csv.ts'

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

/** Thrown where no row of the file can be tried: the whole job fails with this message. */
export class InvalidBatchError extends Error {
  override name = 'InvalidBatchError'
}

export function planColumns(schema: Schema, job: Job, header: readonly string[]): ColumnPlan {
  const object = schema.object(job.object)
  if (object === null) throw new InvalidBatchError(`Entity is not available : ${job.object}`)
  const columns = header.map((name) => planColumn(schema, object, name.trim()))
  const seen = new Set<string>()
  for (const name of header) {
    const lower = name.trim().toLowerCase()
    if (seen.has(lower)) throw new InvalidBatchError(`Duplicate field name : ${name}`)
    seen.add(lower)
  }
  if (job.operation !== 'insert' && job.operation !== 'upsert' && !seen.has('id')) {
    throw new InvalidBatchError('Field name not found : Id')
  }
  const key = job.externalIdField === null ? null : schema.field(object, job.externalIdField)
  return { object, columns, key }
}

function planColumn(schema: Schema, object: ObjectDefinition, name: string): PlannedColumn {
  const field = schema.field(object, name)
  if (field !== null) return { field, lookup: null }
  const [relationship = '', byName = '', ...deeper] = name.split('.')
  const through = object.fields.find(
    (candidate) => candidate.relationshipName?.toLowerCase() === relationship.toLowerCase(),
  )
  const target = through === undefined ? null : schema.object(through.referenceTo[0] ?? '')
  const by = target === null ? null : schema.field(target, byName)
  const usable = by !== null && (by.externalId || by.unique) && deeper.length === 0
  if (through === undefined || target === null || by === null || !usable) {
    throw new InvalidBatchError(`Field name not found : ${name}`)
  }
  return { field: through, lookup: { object: target, by } }
}

/** The text of `errorMessage` for a job that failed as a whole. */
export function jobErrorMessage(error: unknown): string {
  if (error instanceof InvalidBatchError) return `InvalidBatch : ${error.message}`
  if (error instanceof CsvError) return `ClientInputError : ${error.message}`
  throw error
}
