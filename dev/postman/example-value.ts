import { type OpenApi, type Reference, resolveSchema, type Schema } from './openapi.ts'

/**
 * A value that fits the schema: its example, its default, its first word, or the smallest of its type.
 * Objects hold what is required. Text that nothing is known of is its own name in angle brackets.
 */
export function exampleValue(given: Schema | Reference, name: string, document: OpenApi): unknown {
  const schema = resolveSchema(given, document)
  if (schema.example !== undefined) return schema.example
  if (schema.default !== undefined) return schema.default
  const [word] = schema.enum ?? []
  if (word !== undefined) return word
  const [choice] = schema.anyOf ?? schema.oneOf ?? []
  if (choice !== undefined) return exampleValue(choice, name, document)

  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type
  switch (type) {
    case 'object':
      return objectOf(schema, document)
    case 'array':
      return schema.items === undefined ? [] : [exampleValue(schema.items, name, document)]
    case 'integer':
    case 'number':
      return schema.minimum ?? 1
    case 'boolean':
      return false
    case 'null':
      return null
    case 'string':
    case undefined:
      return `<${name}>`
    default:
      return unknownType(type)
  }
}

function objectOf(schema: Schema, document: OpenApi): Record<string, unknown> {
  const required = new Set(schema.required)
  return Object.fromEntries(
    Object.entries(schema.properties ?? {})
      .filter(([name]) => required.has(name))
      .map(([name, property]) => [name, exampleValue(property, name, document)]),
  )
}

function unknownType(type: never): never {
  throw new Error(`Unknown type ${String(type)}`)
}
