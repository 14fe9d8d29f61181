import type { openApiDocument } from '../../api/openapi/document.ts'

/** The types of OpenAPI that a collection is made from, as the API's own document has them. */
export type OpenApi = ReturnType<typeof openApiDocument>
export type PathItem = NonNullable<OpenApi['paths']>[string]
export type Operation = NonNullable<PathItem['get']>
export type Parameter = Exclude<NonNullable<Operation['parameters']>[number], Reference>
export type Schema = Exclude<
  NonNullable<NonNullable<OpenApi['components']>['schemas']>[string],
  Reference
>

export interface Reference {
  readonly $ref: string
}

/** Content by media type, of a request or of an answer. */
export type Content = Readonly<Record<string, MediaType>>
interface MediaType {
  readonly schema?: Schema | Reference
  readonly example?: unknown
}

export function isReference(value: object): value is Reference {
  return '$ref' in value
}

/** Follows a reference to a schema. Throws where the document has no such schema. */
export function resolveSchema(schema: Schema | Reference, document: OpenApi): Schema {
  if (!isReference(schema)) return schema
  const name = schema.$ref.replace('#/components/schemas/', '')
  const found = document.components?.schemas?.[name]
  if (found === undefined) throw new Error(`The document has no ${schema.$ref}.`)
  return resolveSchema(found, document)
}

/** Schemas alone are referred to in the document; a reference in another place is a mistake to hear of. */
export function requireInline<T extends object>(value: T | Reference, where: string): T {
  if (isReference(value)) throw new Error(`${where} is a reference; only schemas may be.`)
  return value
}
