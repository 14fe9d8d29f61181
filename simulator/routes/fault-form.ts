import { z } from 'zod'
import { type FaultRequest, faultSchema } from '../faults/fault.ts'

/** One kind of action, as the form explains it. */
export interface ActionKind {
  readonly type: string
  /** Parameters in JSON: those with a default have it, the others stand without a value. */
  readonly parameters: string
}

const schemaOfAction = z.looseObject({
  properties: z.record(
    z.string(),
    z.looseObject({
      const: z.unknown().optional(),
      default: z.unknown().optional(),
      type: z.unknown().optional(),
    }),
  ),
})

/** All kinds of actions, read from the schema that the admin route has. */
export const ACTION_KINDS: readonly ActionKind[] = faultSchema.shape.action.options.map(
  (option) => {
    const { properties } = schemaOfAction.parse(z.toJSONSchema(option, { io: 'input' }))
    const { type, ...others } = properties
    const parameters = Object.entries(others).map(([name, { default: value, type: kind }]) => {
      return value === undefined
        ? `${name}: ${String(kind ?? '…')}`
        : `${name}: ${JSON.stringify(value)}`
    })
    return { type: String(type?.const), parameters: parameters.join(', ') }
  },
)

/** What was filled in, or why it is no fault. */
export type FaultForm =
  | { readonly ok: true; readonly fault: FaultRequest }
  | { readonly ok: false; readonly reason: string }

const MATCH_TEXTS = ['call', 'method', 'path', 'object', 'operation'] as const

/** Reads the form of the page: empty fields take their defaults. */
export function readFaultForm(form: Readonly<Record<string, string>>): FaultForm {
  const text = (name: string): string | undefined => form[name]?.trim() || undefined
  const number = (name: string): number | undefined => {
    const value = text(name)
    return value === undefined ? undefined : Number(value)
  }
  const match: Record<string, unknown> = {}
  for (const name of MATCH_TEXTS) if (text(name) !== undefined) match[name] = text(name)
  if (number('subscription') !== undefined) match['subscription'] = number('subscription')
  let parameters: unknown
  try {
    parameters = JSON.parse(text('parameters') ?? '{}')
  } catch {
    return { ok: false, reason: 'The parameters are no JSON object, such as {"ms": 500}' }
  }
  if (typeof parameters !== 'object' || parameters === null || Array.isArray(parameters)) {
    return { ok: false, reason: 'The parameters are no JSON object, such as {"ms": 500}' }
  }
  const parsed = faultSchema.safeParse({
    match,
    times: text('times') === 'always' ? 'always' : number('times'),
    probability: number('probability'),
    after: number('after'),
    everyKth: number('everyKth'),
    action: { ...parameters, type: text('type') },
  })
  return parsed.success
    ? { ok: true, fault: parsed.data }
    : { ok: false, reason: z.prettifyError(parsed.error) }
}
