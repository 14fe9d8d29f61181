import type { Dispatcher } from 'undici'
import { z } from 'zod'
import type { AnswerListener } from './api-answer.ts'
import { createCaller, type FailureListener } from './caller.ts'
import { type ByteListener, countBytes } from './count-bytes.ts'
import { createDescribeApi, type DescribeApi } from './describe.ts'
import { createExchange, createSalesforceAgent } from './exchange.ts'
import { createIngestApi, type IngestApi } from './ingest.ts'
import { createQueryJobsApi, type QueryJobsApi } from './query-jobs.ts'
import { createReplicationApi, type ReplicationApi } from './replication.ts'
import type { SessionSource } from './session-flight.ts'
import {
  createSoqlPageReader,
  createSoqlQuery,
  type SoqlPageReader,
  type SoqlQuery,
} from './soql-query.ts'

export type { ApiAnswer } from './api-answer.ts'
export type { IngestJob } from './ingest.ts'

export interface SalesforceClientOptions {
  readonly sessions: SessionSource
  /** As `67.0`. */
  readonly apiVersion: string
  /** Longest silence, in milliseconds, before an answer and between two pieces of a body. No total limit. */
  readonly timeoutMs: number
  /** Awaited for every answer, refusals and repeats included. */
  readonly onAnswer: AnswerListener
  readonly onBytes?: ByteListener
  /** Told of every failure as it is met, those that are repeated included. */
  readonly onFailure?: FailureListener
  /** Stays the caller's to close; absent, the client has connections of its own. */
  readonly dispatcher?: Dispatcher
}

export interface ApiVersionEntry {
  readonly label: string
  readonly url: string
  readonly version: string
}

export type OrgLimits = Readonly<
  Record<string, { readonly Max: number; readonly Remaining: number }>
>

/**
 * Client of one connection. Every method throws SalesforceError for what Salesforce or the network did.
 * Only GETs without a streamed answer are repeated, twice at most; an expired session is renewed once a call.
 */
export interface SalesforceClient extends DescribeApi {
  readonly apiVersion: string
  /** 18 characters; read from the session, without a call where there is one. */
  organizationId(signal?: AbortSignal): Promise<string>
  /** Needs no token and does not count as usage. */
  versions(signal?: AbortSignal): Promise<readonly ApiVersionEntry[]>
  /** Right within about five minutes (REST API Developer Guide, "Limits"). */
  limits(signal?: AbortSignal): Promise<OrgLimits>
  readonly query: SoqlQuery
  readonly queryPage: SoqlPageReader
  readonly ingest: IngestApi
  readonly queries: QueryJobsApi
  readonly replication: ReplicationApi
  /** Lets calls under way end and closes the client's own connections. */
  close(): Promise<void>
}

export function createSalesforceClient(options: SalesforceClientOptions): SalesforceClient {
  const { sessions, apiVersion, timeoutMs, onAnswer } = options
  const agent = createSalesforceAgent(timeoutMs)
  const plain = options.dispatcher ?? agent
  const dispatcher = options.onBytes === undefined ? plain : countBytes(plain, options.onBytes)
  const exchange = createExchange({ dispatcher, timeoutMs, onAnswer })
  const caller = createCaller(exchange, sessions, options.onFailure)

  return {
    apiVersion,
    organizationId: async (signal) => (await sessions.current(signal)).organizationId,
    versions: (signal) =>
      caller.json({ method: 'GET', target: '/services/data', anonymous: true, signal }, versions),
    limits: (signal) =>
      caller.json(
        { method: 'GET', target: `/services/data/v${apiVersion}/limits/`, signal },
        limits,
      ),
    query: createSoqlQuery(caller, apiVersion),
    queryPage: createSoqlPageReader(caller, apiVersion),
    ...createDescribeApi(caller, apiVersion),
    ingest: createIngestApi(caller, apiVersion),
    queries: createQueryJobsApi(caller, apiVersion),
    replication: createReplicationApi(caller, apiVersion),
    close: () => agent.close(),
  }
}

const versions = z.array(z.object({ label: z.string(), url: z.string(), version: z.string() }))
const limits = z.record(z.string(), z.object({ Max: z.number(), Remaining: z.number() }))
