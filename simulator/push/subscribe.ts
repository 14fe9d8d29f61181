import { ApiError } from '../http/api-error.ts'
import type { ObjectDefinition } from '../schema/field.ts'
import type { Schema } from '../schema/schema.ts'
import type { Pushes } from './pushes.ts'
import type { OutboundMessage, Subscription, Webhook } from './subscription.ts'

interface Scope {
  readonly schema: Schema
  readonly pushes: Pushes
}

/** Adds an outbound message. Throws ApiError 400 for an object or a field that the org does not have. */
export function addOutboundMessage(
  { schema, pushes }: Scope,
  asked: OutboundMessage,
): Promise<Subscription> {
  const object = knownObject(schema, asked.object)
  const fields = asked.fields.map((name) => {
    const field = schema.field(object, name)
    // A compound field has no value of its own.
    if (field !== null && field.type !== 'address') return field.name
    throw new ApiError(400, 'INVALID_PARAMETER', `${object.name} has no field ${name} to send`)
  })
  return pushes.addOutbound({ ...asked, object: object.name, fields })
}

/** Adds a signed webhook. Throws ApiError 400 for an object that the org does not have. */
export function addWebhook({ schema, pushes }: Scope, asked: Webhook): Promise<Subscription> {
  const objects = asked.objects.map((name) => {
    return name === '*' ? name : knownObject(schema, name).name
  })
  return pushes.addWebhook({ ...asked, objects })
}

function knownObject(schema: Schema, name: string): ObjectDefinition {
  const object = schema.object(name)
  if (object !== null) return object
  throw new ApiError(400, 'INVALID_PARAMETER', `there is no object ${name}`)
}
