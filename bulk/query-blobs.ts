import { packBlob, unpackBlob } from './blob-frame.ts'

/** What queries keep in the database, before it is sealed. */

/** A short query: SOQL for its first page, or the address of a later one. */
export type SoqlRequest = { readonly soql: string; readonly batchSize: number | null } | NextPage

/** Where the page after one is, and how many records are asked for. */
export interface NextPage {
  readonly nextPage: string
  readonly batchSize: number | null
}

/** A page as Salesforce gave it, or its words where it refused. */
export type SoqlAnswer =
  | {
      readonly totalSize: number
      readonly done: boolean
      readonly records: readonly Readonly<Record<string, unknown>>[]
    }
  | { readonly refusal: string }

/** A durable query, with the columns that it selects and their Salesforce types. */
export interface BulkQueryRequest {
  readonly soql: string
  readonly columns: readonly { readonly name: string; readonly type: string }[]
}

const SOQL_REQUEST = 'soql-request/1'
const SOQL_ANSWER = 'soql-answer/1'
const BULK_REQUEST = 'bulk-query/1'
const NEXT_PAGE = 'soql-next-page/1'
const DETAIL = 'bulk-query-error/1'
const PART = 'query-part/1'

export const packSoqlRequest = (request: SoqlRequest) => packJson(SOQL_REQUEST, request)
export const openSoqlRequest = (blob: Buffer) => openJson<SoqlRequest>(SOQL_REQUEST, blob)

export const packSoqlAnswer = (answer: SoqlAnswer) => packJson(SOQL_ANSWER, answer)
export const openSoqlAnswer = (blob: Buffer) => openJson<SoqlAnswer>(SOQL_ANSWER, blob)

export const packNextPage = (next: NextPage) => packJson(NEXT_PAGE, next)
export const openNextPage = (blob: Buffer) => openJson<NextPage>(NEXT_PAGE, blob)

export const packBulkQueryRequest = (request: BulkQueryRequest) => packJson(BULK_REQUEST, request)
export const openBulkQueryRequest = (blob: Buffer) => openJson<BulkQueryRequest>(BULK_REQUEST, blob)

export const packErrorDetail = (detail: string) => packJson(DETAIL, detail)
export const openErrorDetail = (blob: Buffer) => openJson<string>(DETAIL, blob)

/** Bytes of CSV, cut anywhere. */
export const packQueryPart = (csv: Buffer) => packBlob([PART], csv)
export const openQueryPart = (blob: Buffer) => unpackBlob(blob, PART).body

function packJson(form: string, value: unknown): Buffer {
  return packBlob([form], JSON.stringify(value))
}

function openJson<T>(form: string, blob: Buffer): T {
  // The form's name is written by the function above and by nothing else, so what follows is what it was given.
  return JSON.parse(unpackBlob(blob, form).body.toString('utf8')) as T
}
