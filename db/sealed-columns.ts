import { type BlobKind, blobContext } from './bulk-batch-blobs.ts'
import { queryPartContext } from './bulk-query-parts.ts'

/** The values of a row's key, in the order of {@link SealedColumn.key}. */
export type RowKey = readonly (string | number)[]

/** A column whose values are sealed. */
export interface SealedColumn {
  readonly table: string
  readonly column: string
  /** Columns that together name one row, and order the rows. */
  readonly key: readonly string[]
  /** True for content that is stored in clear where no key is set; secrets never are. */
  readonly mayBeClear: boolean
  /** What the value is sealed for: the same text that its writers and readers give. */
  context(key: RowKey): string
}

/**
 * Every sealed column there is. One that is missing would be lost when an old key is removed; a test holds the list
 * against the database.
 */
export const SEALED_COLUMNS: readonly SealedColumn[] = [
  {
    table: 'bulk_batch_blobs',
    column: 'body',
    key: ['job_id', 'kind', 'batch_number'],
    mayBeClear: true,
    // The kinds that the table's check allows.
    context: ([jobId, kind, batchNumber]) =>
      blobContext(String(jobId), kind as BlobKind, Number(batchNumber)),
  },
  clearable('bulk_queries', 'query_id', 'error_detail'),
  clearable('bulk_queries', 'query_id', 'request'),
  {
    table: 'bulk_query_parts',
    column: 'body',
    key: ['query_id', 'page_number', 'part_number'],
    mayBeClear: true,
    context: ([queryId, page, part]) =>
      queryPartContext(String(queryId), Number(page), Number(part)),
  },
  secret('connection_credentials', 'connection_id', 'client_secret'),
  secret('connection_credentials', 'connection_id', 'private_key'),
  secret('notification_channels', 'channel_id', 'url'),
  secret('oauth_flows', 'flow_id', 'client_secret'),
  secret('oauth_flows', 'flow_id', 'code'),
  secret('oauth_flows', 'flow_id', 'code_verifier'),
  secret('salesforce_oauth_tokens', 'connection_id', 'access_token'),
  secret('salesforce_oauth_tokens', 'connection_id', 'refresh_token'),
  secret('salesforce_webhook_events', 'event_id', 'sealed_payload'),
  clearable('soql_queries', 'query_id', 'answer'),
  clearable('soql_queries', 'query_id', 'next_page'),
  clearable('soql_queries', 'query_id', 'request'),
  secret('webhook_intakes', 'connection_id', 'secret'),
  secret('webhook_intakes', 'connection_id', 'previous_secret'),
  secret('salesforce_webhook_subscriptions', 'subscription_id', 'secret'),
  secret('salesforce_webhook_subscriptions', 'subscription_id', 'previous_secret'),
]

/** Sealed for `table/key/column`, as secrets are. */
function secret(table: string, key: string, column: string): SealedColumn {
  const context = ([value]: RowKey) => `${table}/${value}/${column}`
  return { table, column, key: [key], mayBeClear: false, context }
}

/** Content, sealed for the same text. */
function clearable(table: string, key: string, column: string): SealedColumn {
  return { ...secret(table, key, column), mayBeClear: true }
}

/** As operators read it, and as cursors name it. */
export function sealedColumnName({ table, column }: SealedColumn): string {
  return `${table}.${column}`
}
