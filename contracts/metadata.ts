/** The part of Salesforce's describe that rows are checked and compared by. Names as Salesforce gives them. */

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
  readonly picklistValues: readonly { readonly value: string; readonly active: boolean }[]
  readonly referenceTo: readonly string[]
  readonly relationshipName: string | null
}

export interface ObjectDescribe {
  readonly name: string
  readonly label: string
  readonly keyPrefix: string | null
  readonly createable: boolean
  readonly updateable: boolean
  readonly deletable: boolean
  readonly queryable: boolean
  readonly custom: boolean
  readonly fields: readonly FieldDescribe[]
}

/** Input of the `describeObject` workflow; its answer lands in the describe cache. */
export interface DescribeObjectInput {
  readonly workspaceId: string
  readonly connectionId: string
  readonly objectType: string
}
