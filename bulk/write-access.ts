import type { BulkOperation } from '../contracts/bulk-job.ts'
import type { FieldDescribe, ObjectDescribe } from '../contracts/metadata.ts'

/** Whether the connection's user may run the operation on the object at all. */
export function isAllowed(operation: BulkOperation, describe: ObjectDescribe): boolean {
  switch (operation) {
    case 'insert':
      return describe.createable
    case 'update':
      return describe.updateable
    case 'upsert':
      return describe.createable || describe.updateable
    case 'delete':
    case 'hard_delete':
      return describe.deletable
  }
}

/** Whether a field can be sent. For an upsert one of the two rights is enough: which one a row needs Salesforce knows. */
export function isWritable(operation: BulkOperation, field: FieldDescribe): boolean {
  switch (operation) {
    case 'insert':
      return field.createable
    case 'update':
      return field.updateable
    case 'upsert':
      return field.createable || field.updateable
    case 'delete':
    case 'hard_delete':
      return true
  }
}

/** Operations of which only the Ids are sent. */
export function isDeletion(operation: BulkOperation): boolean {
  return operation === 'delete' || operation === 'hard_delete'
}
