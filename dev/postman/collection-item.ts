import { exampleValue } from './example-value.ts'
import {
  type Content,
  type OpenApi,
  type Operation,
  type Parameter,
  requireInline,
  resolveSchema,
} from './openapi.ts'

interface Field {
  readonly key: string
  readonly value: string
  readonly description?: string
  readonly disabled?: true
}

interface RawBody {
  readonly mode: 'raw'
  readonly raw: string
  readonly options: { readonly raw: { readonly language: 'json' | 'text' } }
}

interface FormBody {
  readonly mode: 'urlencoded'
  readonly urlencoded: readonly Field[]
}

export interface PostmanItem {
  readonly name: string
  readonly event?: readonly {
    readonly listen: 'test'
    readonly script: { readonly type: 'text/javascript'; readonly exec: readonly string[] }
  }[]
  readonly request: {
    readonly method: string
    readonly description?: string
    readonly header: readonly Field[]
    readonly url: {
      readonly raw: string
      readonly host: readonly string[]
      readonly path: readonly string[]
      readonly query: readonly Field[]
      readonly variable: readonly Field[]
    }
    readonly body?: RawBody | FormBody
  }
  readonly response: readonly []
}

const JSON_TYPE = 'application/json'
const FORM_TYPE = 'application/x-www-form-urlencoded'

/** What follows a created job needs its id; the address of the job is in the answer. */
const KEEP_JOB_ID = [
  "const location = pm.response.headers.get('Location')",
  "if (location) pm.collectionVariables.set('jobId', location.split('/').pop())",
]

/** The requests of one operation: one for each content type that it reads, or that it answers with. */
export function collectionItem(
  method: string,
  path: string,
  operation: Operation,
  document: OpenApi,
): PostmanItem[] {
  const sent = contentOf(operation.requestBody, `body of ${path}`)
  const answered = contentOf(answerOf(operation), `answer of ${path}`)
  const bodies = [Object.keys(sent), Object.keys(answered)].find((each) => each.length > 0)
  // What neither sends nor answers a body is a request all the same.
  const types = bodies ?? ['']
  return types.map((type) => {
    const body = sent[type]
    const accepts = body === undefined && types.length > 1
    const summary = operation.summary ?? path
    const query = parametersOf(operation, 'query')
      .filter((parameter) => !(type === JSON_TYPE && inJsonBody(parameter)))
      .map((parameter) =>
        queryField(parameter, body !== undefined && isNeededInJsonBody(parameter)),
      )
    return {
      name: types.length > 1 ? `${summary} (${type})` : summary,
      ...(createsJob(operation)
        ? { event: [{ listen: 'test', script: { type: 'text/javascript', exec: KEEP_JOB_ID } }] }
        : {}),
      request: {
        method,
        ...(operation.description === undefined ? {} : { description: operation.description }),
        header: [
          ...(body === undefined ? [] : [{ key: 'Content-Type', value: type }]),
          ...(accepts ? [{ key: 'Accept', value: type }] : []),
          ...parametersOf(operation, 'header').map((parameter) => queryField(parameter, false)),
        ],
        url: urlOf(path, query),
        ...(body === undefined ? {} : { body: bodyOf(type, body) }),
      },
      response: [],
    }
  })

  /** A body that is no JSON leaves it to the query to say what a JSON body says. */
  function inJsonBody(parameter: Parameter): boolean {
    return jsonSchema()?.properties?.[parameter.name] !== undefined
  }

  function isNeededInJsonBody(parameter: Parameter): boolean {
    return jsonSchema()?.required?.includes(parameter.name) === true
  }

  function jsonSchema() {
    const schema = sent[JSON_TYPE]?.schema
    return schema === undefined ? undefined : resolveSchema(schema, document)
  }

  function queryField(parameter: Parameter, needed: boolean): Field {
    const value =
      parameter.schema === undefined
        ? `<${parameter.name}>`
        : String(exampleValue(parameter.schema, parameter.name, document))
    return {
      key: parameter.name,
      value,
      ...(parameter.description === undefined ? {} : { description: parameter.description }),
      ...(needed || parameter.required === true ? {} : { disabled: true }),
    }
  }

  function bodyOf(
    type: string,
    media: Content[string],
  ): NonNullable<PostmanItem['request']['body']> {
    const example =
      media.example ??
      (media.schema === undefined ? '' : exampleValue(media.schema, 'body', document))
    if (type === FORM_TYPE && typeof example === 'object' && example !== null) {
      const fields = Object.entries(example)
      return {
        mode: 'urlencoded',
        urlencoded: fields.map(([key, value]) => ({ key, value: String(value) })),
      }
    }
    return {
      mode: 'raw',
      raw: typeof example === 'string' ? example : JSON.stringify(example, null, 2),
      options: { raw: { language: type === JSON_TYPE ? 'json' : 'text' } },
    }
  }
}

function urlOf(path: string, query: readonly Field[]): PostmanItem['request']['url'] {
  const segments = path.split('/').filter((segment) => segment !== '')
  const parts = segments.map((segment) => segment.replace(/^\{(\w+)\}$/, ':$1'))
  const search = query
    .filter((field) => field.disabled !== true)
    .map((field) => `${field.key}=${field.value}`)
    .join('&')
  return {
    raw: `{{baseUrl}}/${parts.join('/')}${search === '' ? '' : `?${search}`}`,
    host: ['{{baseUrl}}'],
    path: parts,
    query,
    variable: parts
      .filter((part) => part.startsWith(':'))
      .map((part) => ({ key: part.slice(1), value: `{{${part.slice(1)}}}` })),
  }
}

function parametersOf(operation: Operation, place: 'query' | 'header'): Parameter[] {
  return (operation.parameters ?? [])
    .map((parameter) => requireInline<Parameter>(parameter, 'a parameter'))
    .filter((parameter) => parameter.in === place)
}

function contentOf(holder: object | undefined, where: string): Content {
  if (holder === undefined) return {}
  const { content } = requireInline<{ readonly content?: Content }>(holder, where)
  return content ?? {}
}

/** The answer when all goes well. */
function answerOf(operation: Operation): object | undefined {
  const responses: Readonly<Record<string, object>> = operation.responses ?? {}
  const status = Object.keys(responses).find((each) => each.startsWith('2'))
  return status === undefined ? undefined : responses[status]
}

function createsJob(operation: Operation): boolean {
  const answer = answerOf(operation)
  if (answer === undefined) return false
  const { headers } = requireInline<{ readonly headers?: object }>(answer, 'an answer')
  return headers !== undefined && 'Location' in headers
}
