import type { FieldDescribe, ObjectDescribe } from '../contracts/metadata.ts'

/**
 * The field of each column, by name without regard to case as Salesforce reads names.
 * Null for relationship columns (`Owner.Email`), unknown names, and while the describe is not known all but Id.
 */
export function columnFields(
  describe: ObjectDescribe | null,
  columns: readonly string[],
): (FieldDescribe | null)[] {
  if (describe === null) return columns.map((column) => (isId(column) ? ID_FIELD : null))
  const byName = new Map(describe.fields.map((field) => [field.name.toLowerCase(), field]))
  return columns.map((column) => byName.get(column.trim().toLowerCase()) ?? null)
}

/** Place of the column called `name`, without regard to case; -1 where there is none. */
export function columnIndex(columns: readonly string[], name: string): number {
  const wanted = name.trim().toLowerCase()
  return columns.findIndex((column) => column.trim().toLowerCase() === wanted)
}

function isId(column: string): boolean {
  return column.trim().toLowerCase() === 'id'
}

/** Every object has it, and it is the same everywhere. */
const ID_FIELD: FieldDescribe = {
  name: 'Id',
  label: 'Record ID',
  type: 'id',
  length: 18,
  precision: 0,
  scale: 0,
  digits: 0,
  createable: false,
  updateable: false,
  nillable: false,
  defaultedOnCreate: true,
  externalId: false,
  idLookup: true,
  unique: false,
  caseSensitive: false,
  calculated: false,
  autoNumber: false,
  custom: false,
  restrictedPicklist: false,
  picklistValues: [],
  referenceTo: [],
  relationshipName: null,
  calculatedFormula: null,
  inlineHelpText: null,
  filterable: true,
  groupable: true,
  aggregatable: true,
  sortable: true,
  nameField: false,
}
