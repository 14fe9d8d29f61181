import type {
  FieldDescribe,
  MetadataDifference,
  ObjectDescribe,
  ObjectSummary,
} from '../../contracts/metadata.ts'

/** What became different between two describes of an object. Names differ in nothing but case. */
export function diffDescribes(
  before: ObjectDescribe,
  after: ObjectDescribe,
): readonly MetadataDifference[] {
  const objectType = after.name
  const was = byName(before.fields)
  const is = byName(after.fields)
  const differences: MetadataDifference[] = []
  for (const [key, field] of was) {
    if (is.has(key)) continue
    differences.push({
      ...{ kind: 'field_removed', objectType, field: field.name },
      ...{ before: factsOf(field), after: null },
    })
  }
  for (const [key, field] of is) {
    const old = was.get(key)
    if (old === undefined) {
      differences.push({
        ...{ kind: 'field_added', objectType, field: field.name },
        ...{ before: null, after: factsOf(field) },
      })
    } else if (old.type !== field.type) {
      differences.push({
        ...{ kind: 'field_type_changed', objectType, field: field.name },
        ...{ before: factsOf(old), after: factsOf(field) },
      })
    } else {
      differences.push(...picklistDifference(objectType, old, field))
    }
  }
  return differences
}

/** What of an object is told that came or went. */
export function objectDifference(
  kind: 'object_added' | 'object_removed',
  { name, label, custom, keyPrefix }: ObjectSummary,
): MetadataDifference {
  const facts = { label, custom, key_prefix: keyPrefix }
  const isAdded = kind === 'object_added'
  return {
    ...{ kind, objectType: name, field: null },
    ...{ before: isAdded ? null : facts, after: isAdded ? facts : null },
  }
}

/** The difference in a few words, such as `string → double`. */
export function wordsOf({ kind, before, after }: MetadataDifference): string {
  switch (kind) {
    case 'object_added':
    case 'object_removed':
      return text((after ?? before)?.['label'])
    case 'field_added':
    case 'field_removed':
      return text((after ?? before)?.['type'])
    case 'field_type_changed':
      return `${text(before?.['type'])} → ${text(after?.['type'])}`
    case 'picklist_changed':
      return [...signed('+', after), ...signed('−', before)].join(', ')
    default:
      return unknownKind(kind)
  }
}

/** Values that are told in a notice. */
const MOST_WORDS = 5

function signed(sign: string, side: MetadataDifference['before']): readonly string[] {
  const values = side?.['values']
  if (!Array.isArray(values)) return []
  const shown = values.slice(0, MOST_WORDS).map((value) => `${sign}${text(value)}`)
  return values.length > MOST_WORDS
    ? [...shown, `${sign}${values.length - MOST_WORDS} more`]
    : shown
}

/** Values that can be chosen; those that came in `after`, those that went in `before`. */
function picklistDifference(
  objectType: string,
  old: FieldDescribe,
  field: FieldDescribe,
): readonly MetadataDifference[] {
  const was = activeValues(old)
  const is = activeValues(field)
  const gone = [...was].filter((value) => !is.has(value))
  const come = [...is].filter((value) => !was.has(value))
  if (gone.length === 0 && come.length === 0) return []
  return [
    {
      ...{ kind: 'picklist_changed', objectType, field: field.name },
      ...{ before: { values: gone }, after: { values: come } },
    },
  ]
}

function activeValues(field: FieldDescribe): ReadonlySet<string> {
  return new Set(field.picklistValues.filter(({ active }) => active).map(({ value }) => value))
}

/** No more than says what kind of field it is: the whole is in the describe. */
function factsOf(field: FieldDescribe) {
  const { type, label, length, precision, scale, nillable, referenceTo, relationshipName } = field
  return {
    ...{ type, label, length, precision, scale, nillable },
    ...{ reference_to: [...referenceTo], relationship_name: relationshipName },
  }
}

function byName(fields: readonly FieldDescribe[]): ReadonlyMap<string, FieldDescribe> {
  return new Map(fields.map((field) => [field.name.toLowerCase(), field]))
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function unknownKind(kind: never): never {
  throw new Error(`Unknown kind ${String(kind)}`)
}
