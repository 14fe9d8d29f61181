import { z } from 'zod'
import type { ObjectDescribe, ObjectSummary } from '../contracts/metadata.ts'
import { discard, readJsonText } from './answer-body.ts'
import { type Caller, parseAnswer } from './caller.ts'
import { isSalesforceError } from './errors.ts'
import { headerValue } from './http-headers.ts'

export type DescribeAnswer =
  | {
      readonly status: 'found'
      readonly describe: ObjectDescribe
      /** For `ifModifiedSince` of the next call; an RFC 1123 date. */
      readonly lastModified: string | null
    }
  | { readonly status: 'not_modified' }
  | { readonly status: 'not_found' }

export type GlobalDescribeAnswer =
  | {
      readonly status: 'found'
      readonly objects: readonly ObjectSummary[]
      /** For `ifModifiedSince` of the next call; an RFC 1123 date. */
      readonly lastModified: string | null
    }
  | { readonly status: 'not_modified' }

export interface DescribeOptions {
  /** An RFC 1123 date. */
  readonly ifModifiedSince?: string | null
  readonly signal?: AbortSignal
}

export interface DescribeApi {
  /** `not_found` where the org has no such object or hides it from the user. */
  describeObject(objectType: string, options?: DescribeOptions): Promise<DescribeAnswer>
  describeGlobal(options?: DescribeOptions): Promise<GlobalDescribeAnswer>
}

export function createDescribeApi(caller: Caller, apiVersion: string): DescribeApi {
  const root = `/services/data/v${apiVersion}/sobjects`

  return {
    async describeObject(objectType, { ifModifiedSince, signal } = {}) {
      const call = {
        method: 'GET',
        target: `${root}/${encodeURIComponent(objectType)}/describe`,
        accept: [304],
        ...(ifModifiedSince ? { headers: { 'if-modified-since': ifModifiedSince } } : {}),
        signal,
      } as const
      try {
        return await caller.read(call, async (answer, context): Promise<DescribeAnswer> => {
          if (answer.status === 304) {
            await discard(answer.body)
            return { status: 'not_modified' }
          }
          const text = await readJsonText(answer.body, context)
          return {
            status: 'found',
            describe: parseAnswer(text, objectAnswer, answer, context),
            lastModified: headerValue(answer.headers, 'last-modified'),
          }
        })
      } catch (error) {
        if (isSalesforceError(error) && isUnknownObject(error.kind, error.errorCode)) {
          return { status: 'not_found' }
        }
        throw error
      }
    },
    describeGlobal({ ifModifiedSince, signal } = {}) {
      const call = {
        method: 'GET',
        target: `${root}/`,
        accept: [304],
        ...(ifModifiedSince ? { headers: { 'if-modified-since': ifModifiedSince } } : {}),
        signal,
      } as const
      return caller.read(call, async (answer, context): Promise<GlobalDescribeAnswer> => {
        if (answer.status === 304) {
          await discard(answer.body)
          return { status: 'not_modified' }
        }
        const text = await readJsonText(answer.body, context)
        return {
          status: 'found',
          objects: parseAnswer(text, globalAnswer, answer, context).sobjects,
          lastModified: headerValue(answer.headers, 'last-modified'),
        }
      })
    },
  }
}

function isUnknownObject(kind: string, errorCode: string | null): boolean {
  return kind === 'not_found' || errorCode === 'INVALID_TYPE'
}

// zod drops the keys that are not named: a describe has hundreds of kilobytes of them.
const picklistValue = z
  .object({ value: z.string(), label: z.string().nullable(), active: z.boolean() })
  .transform(({ value, label, active }) => ({ value, label: label ?? value, active }))

const fieldAnswer = z.object({
  name: z.string(),
  label: z.string(),
  type: z.string(),
  length: z.number(),
  precision: z.number(),
  scale: z.number(),
  digits: z.number(),
  createable: z.boolean(),
  updateable: z.boolean(),
  nillable: z.boolean(),
  defaultedOnCreate: z.boolean(),
  externalId: z.boolean(),
  idLookup: z.boolean(),
  unique: z.boolean(),
  caseSensitive: z.boolean(),
  calculated: z.boolean(),
  autoNumber: z.boolean(),
  custom: z.boolean(),
  restrictedPicklist: z.boolean(),
  picklistValues: z.array(picklistValue),
  referenceTo: z.array(z.string()),
  relationshipName: z.string().nullable(),
  calculatedFormula: z.string().nullable(),
  inlineHelpText: z.string().nullable(),
  filterable: z.boolean(),
  groupable: z.boolean(),
  aggregatable: z.boolean(),
  sortable: z.boolean(),
  nameField: z.boolean(),
})

const childRelationship = z.object({
  field: z.string(),
  childSObject: z.string(),
  relationshipName: z.string().nullable(),
  cascadeDelete: z.boolean(),
  restrictedDelete: z.boolean(),
})

const summaryAnswer = z.object({
  name: z.string(),
  label: z.string(),
  labelPlural: z.string(),
  keyPrefix: z.string().nullable(),
  createable: z.boolean(),
  updateable: z.boolean(),
  deletable: z.boolean(),
  queryable: z.boolean(),
  retrieveable: z.boolean(),
  custom: z.boolean(),
})

const objectAnswer = summaryAnswer.extend({
  fields: z.array(fieldAnswer),
  childRelationships: z.array(childRelationship),
})

const globalAnswer = z.object({ sobjects: z.array(summaryAnswer) })
