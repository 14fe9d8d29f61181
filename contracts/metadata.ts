/** The part of Salesforce's describe that is kept: what rows are checked by, and what callers read. Names as Salesforce gives them. */

export interface FieldDescribe {
  readonly name: string
  readonly label: string
  /** Salesforce's type word: string, textarea, picklist, date, datetime, double, currency, reference … */
  readonly type: string
  readonly length: number
  readonly precision: number
  readonly scale: number
  readonly digits: number
  readonly createable: boolean
  readonly updateable: boolean
  readonly nillable: boolean
  readonly defaultedOnCreate: boolean
  readonly externalId: boolean
  readonly idLookup: boolean
  readonly unique: boolean
  readonly caseSensitive: boolean
  readonly calculated: boolean
  readonly autoNumber: boolean
  readonly custom: boolean
  readonly restrictedPicklist: boolean
  readonly picklistValues: readonly PicklistValue[]
  readonly referenceTo: readonly string[]
  readonly relationshipName: string | null
  /** The formula of a calculated field; null for others, and where the user may not see it. */
  readonly calculatedFormula: string | null
  readonly inlineHelpText: string | null
  /** Whether SOQL takes it in WHERE, in GROUP BY, in functions such as MAX, and in ORDER BY. */
  readonly filterable: boolean
  readonly groupable: boolean
  readonly aggregatable: boolean
  readonly sortable: boolean
  /** Whether it is what people call a record by. */
  readonly nameField: boolean
}

export interface PicklistValue {
  readonly value: string
  readonly label: string
  readonly active: boolean
}

/** A relationship of which the object is the parent. */
export interface ChildRelationship {
  /** The child's field that refers to the object. */
  readonly field: string
  readonly childSObject: string
  /** Null where queries of the parent cannot reach the children. */
  readonly relationshipName: string | null
  readonly cascadeDelete: boolean
  readonly restrictedDelete: boolean
}

export interface ObjectDescribe {
  readonly name: string
  readonly label: string
  readonly labelPlural: string
  readonly keyPrefix: string | null
  readonly createable: boolean
  readonly updateable: boolean
  readonly deletable: boolean
  readonly queryable: boolean
  readonly retrieveable: boolean
  readonly custom: boolean
  readonly fields: readonly FieldDescribe[]
  readonly childRelationships: readonly ChildRelationship[]
}

/** One line of the list of all objects. */
export type ObjectSummary = Omit<ObjectDescribe, 'fields' | 'childRelationships'>

/** Input of the `describeObject` workflow; its answer lands in the describe cache. */
export interface DescribeObjectInput {
  readonly workspaceId: string
  readonly connectionId: string
  readonly objectType: string
}

/** Input of `listObjects` and `refreshMetadata`. */
export interface MetadataInput {
  readonly workspaceId: string
  readonly connectionId: string
}

/** Who walks: one chain of runs of the workflow. */
export interface RefreshMetadataStep extends MetadataInput {
  readonly holder: string
}

export interface EndRefreshInput extends RefreshMetadataStep {
  readonly error: string
}

/** `skipped`: another run holds the connection. `stopped`: the next run goes on where this one ended. */
export const REFRESH_STATES = ['running', 'completed', 'stopped', 'failed', 'skipped'] as const
export type RefreshState = (typeof REFRESH_STATES)[number]

/** How far a refresh is. */
export interface RefreshProgress {
  readonly state: RefreshState
  readonly objectsTotal: number
  readonly objectsDone: number
  /** Calls to Salesforce of this refresh. */
  readonly calls: number
  /** Differences that it found. */
  readonly changes: number
  /** The last object that was looked at. */
  readonly reached: string | null
  readonly error: string | null
}

/** What can be different from one look at the org to the next. Each is told as `metadata.<kind>`. */
export const METADATA_CHANGE_KINDS = [
  'object_added',
  'object_removed',
  'field_added',
  'field_removed',
  'field_type_changed',
  'picklist_changed',
] as const
export type MetadataChangeKind = (typeof METADATA_CHANGE_KINDS)[number]

/** One difference. */
export interface MetadataDifference {
  readonly kind: MetadataChangeKind
  readonly objectType: string
  /** Null for a change of the object itself. */
  readonly field: string | null
  /** What was there; null for what was added. */
  readonly before: Readonly<Record<string, unknown>> | null
  readonly after: Readonly<Record<string, unknown>> | null
}
