import type { FieldDescribe, ObjectDescribe, PicklistValue } from '../../contracts/metadata.ts'

/** A longer list of values makes compilers slow and tells nobody anything. */
const MOST_VALUES = 500

/**
 * An object as a TypeScript module: an interface of a record as Salesforce's API gives it, with a type for each
 * picklist. Stands alone. All names and texts are an administrator's: what could end a comment or a string is escaped.
 */
export function typeScriptTypes(describe: ObjectDescribe): string {
  const picklists = describe.fields.filter(isEnumerated)
  const parts = [
    comment(
      `Made of the describe of ${describe.name}: change it in Salesforce, then get it again.`,
    ),
    '',
    ...picklists.flatMap((field) => [...picklistType(describe, field), '']),
    ...(describe.fields.some(({ type }) => type === 'address') ? [ADDRESS, ''] : []),
    ...(describe.fields.some(({ type }) => type === 'location') ? [LOCATION, ''] : []),
    ...(describe.fields.some(hasParent) ? [PARENT, ''] : []),
    comment(`${describe.label} (${describe.labelPlural})`),
    `export interface ${identifier(describe.name)} {`,
    `  attributes?: { type: ${literal(describe.name)}; url: string }`,
    ...describe.fields.flatMap((field) => property(describe, field)),
    '}',
    '',
  ]
  return parts.join('\n')
}

const ADDRESS = `/** A compound address; its parts are fields too. */
export interface SalesforceAddress {
  street: string | null
  city: string | null
  state: string | null
  stateCode?: string | null
  postalCode: string | null
  country: string | null
  countryCode?: string | null
  latitude: number | null
  longitude: number | null
  geocodeAccuracy: string | null
}`

const LOCATION = `/** A compound geolocation; its parts are fields too. */
export interface SalesforceLocation {
  latitude: number
  longitude: number
}`

const PARENT = `/** A record that another one refers to, with the fields that were asked for. */
export interface SalesforceParent<Type extends string> {
  attributes: { type: Type; url: string }
  [field: string]: unknown
}`

function property(describe: ObjectDescribe, field: FieldDescribe): string[] {
  const orNull = field.nillable ? ' | null' : ''
  const lines = [
    ...indented(comment(describedAs(field))),
    `  ${key(field.name)}: ${typeOf(describe, field)}${orNull}`,
  ]
  if (!hasParent(field)) return lines
  const types = field.referenceTo.map(literal).join(' | ')
  return [
    ...lines,
    ...indented(comment(`The record that ${field.name} refers to, where it is asked for.`)),
    `  ${key(field.relationshipName)}?: SalesforceParent<${types}> | null`,
  ]
}

function describedAs(field: FieldDescribe): string {
  const { label, type, inlineHelpText: help, calculatedFormula: formula } = field
  const access =
    field.createable || field.updateable
      ? [
          ...(field.createable ? [] : ['Not set on create.']),
          ...(field.updateable ? [] : ['Not changed on update.']),
        ]
      : ['Read only.']
  return [
    `${label} (${describedType(field)})`,
    ...(help === null || help === '' ? [] : ['', help]),
    '',
    ...(formula === null ? [] : [`Formula: ${formula}`]),
    ...(field.referenceTo.length === 0 ? [] : [`Refers to ${field.referenceTo.join(', ')}.`]),
    ...(field.externalId ? ['An external id.'] : []),
    ...(field.defaultedOnCreate && field.createable ? ['Has a default on create.'] : []),
    ...(type === 'multipicklist' ? ['Values are separated by semicolons.'] : []),
    ...access,
  ].join('\n')
}

function describedType({ type, length, precision, scale }: FieldDescribe): string {
  if (LONG_TYPES.has(type) && length > 0) return `${type}, ${length} characters`
  if (precision > 0) return `${type}, ${precision} digits, ${scale} after the point`
  return type
}

const LONG_TYPES: ReadonlySet<string> = new Set([
  ...['string', 'textarea', 'email', 'phone', 'url', 'encryptedstring'],
])

/** Salesforce's type words; what nobody knows yet may be anything. */
function typeOf(describe: ObjectDescribe, field: FieldDescribe): string {
  switch (field.type) {
    case 'boolean':
      return 'boolean'
    case 'int':
    case 'long':
    case 'double':
    case 'currency':
    case 'percent':
      return 'number'
    case 'address':
      return 'SalesforceAddress'
    case 'location':
      return 'SalesforceLocation'
    case 'picklist':
      return isEnumerated(field) ? picklistName(describe, field) : 'string'
    case 'id':
    case 'reference':
    case 'string':
    case 'textarea':
    case 'email':
    case 'phone':
    case 'url':
    case 'date':
    case 'datetime':
    case 'time':
    case 'combobox':
    case 'multipicklist':
    case 'base64':
    case 'encryptedstring':
    case 'datacategorygroupreference':
      return 'string'
    default:
      return 'unknown'
  }
}

/** Also values that are inactive: records go on having them. Where the list is open any text may be there. */
function picklistType(describe: ObjectDescribe, field: FieldDescribe): string[] {
  const values = field.picklistValues.map(({ value }) => literal(value))
  const open = field.restrictedPicklist ? [] : ['(string & {})']
  return [
    comment(
      `Values of ${field.name}${field.type === 'multipicklist' ? ', each' : ''}\n\n${labels(field.picklistValues)}`,
    ),
    `export type ${picklistName(describe, field)} =`,
    ...[...new Set([...values, ...open])].map((value) => `  | ${value}`),
  ]
}

function labels(values: readonly PicklistValue[]): string {
  return values
    .filter(({ value, label, active }) => label !== value || !active)
    .map(({ value, label, active }) => `${value}: ${label}${active ? '' : ' (inactive)'}`)
    .join('\n')
}

function isEnumerated({ type, picklistValues }: FieldDescribe): boolean {
  const isPicklist = type === 'picklist' || type === 'multipicklist'
  return isPicklist && picklistValues.length > 0 && picklistValues.length <= MOST_VALUES
}

function picklistName(describe: ObjectDescribe, field: FieldDescribe): string {
  return `${identifier(describe.name)}_${identifier(field.name)}_Value`
}

type WithParent = FieldDescribe & { readonly relationshipName: string }

function hasParent(field: FieldDescribe): field is WithParent {
  return field.relationshipName !== null && field.referenceTo.length > 0
}

const IDENTIFIER = /^[A-Za-z_$][\w$]*$/

/** Names that TypeScript keeps for itself, as the name of a type. */
const RESERVED: ReadonlySet<string> = new Set([
  ...['any', 'boolean', 'never', 'null', 'number', 'object', 'string', 'symbol', 'undefined'],
  ...['unknown', 'void', 'bigint', 'class', 'default', 'delete', 'enum', 'export', 'extends'],
  ...['function', 'import', 'in', 'new', 'this', 'typeof', 'var', 'with', 'case', 'return'],
])

function identifier(name: string): string {
  const plain = name.replace(/[^\w$]/g, '_')
  return IDENTIFIER.test(plain) && !RESERVED.has(plain) ? plain : `_${plain}`
}

function key(name: string): string {
  return IDENTIFIER.test(name) ? name : literal(name)
}

/** A string that is the same in every reading: nothing but printable ASCII stands as it is. */
function literal(text: string): string {
  const escaped = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")
  const plain = escaped.replace(
    /[\u2028\u2029\u202a-\u202e\u2066-\u2069\u200b-\u200f\ufeff\u007f]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
  return `'${plain}'`
}

function comment(text: string): string {
  const safe = text
    .replaceAll('*/', '*\\/')
    // Characters that turn the reading of a line around hide what is in it.
    .replace(/[\u202a-\u202e\u2066-\u2069\u200b-\u200f\ufeff]/g, '')
    .split(/\r\n|[\n\r\u2028\u2029]/)
    .map((line) => line.replace(/\p{Cc}/gu, ' ').trimEnd())
  while (safe.at(-1) === '') safe.pop()
  const lines = safe.filter((line, at) => line !== '' || safe[at - 1] !== '')
  if (lines.length <= 1) return `/** ${lines[0] ?? ''} */`
  return ['/**', ...lines.map((line) => (line === '' ? ' *' : ` * ${line}`)), ' */'].join('\n')
}

function indented(text: string): string[] {
  return text.split('\n').map((line) => `  ${line}`)
}
