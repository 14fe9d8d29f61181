import { isObjectName } from '../../contracts/event-types.ts'
import { isOwnObject } from './own-object.ts'
import { isRecordId } from './record-id.ts'
import { childOf, readXml, type XmlElement, XmlError } from './xml-element.ts'

export const SOAP_NAMESPACE = 'http://schemas.xmlsoap.org/soap/envelope/'
export const OUTBOUND_NAMESPACE = 'http://soap.sforce.com/2005/09/outbound'
const INSTANCE_NAMESPACE = 'http://www.w3.org/2001/XMLSchema-instance'
/** Salesforce sends no more in one message. */
const MOST_NOTIFICATIONS = 100
const XML_BOUNDS = {
  // An object has no more than about 900 fields.
  elements: 1_000 * (MOST_NOTIFICATIONS + 1),
  // Each sObject may declare its own, beside those of the envelope.
  declarations: 64 + 2 * MOST_NOTIFICATIONS,
}

/** What an outbound message tells. Its session id is not read: nobody here has a use for it. */
export interface OutboundMessage {
  readonly organizationId: string
  readonly actionId: string | null
  readonly notifications: readonly OutboundNotification[]
}

export interface OutboundNotification {
  /** The same with each attempt. */
  readonly id: string
  readonly objectType: string
  /** Null for a record that was gone when the message was sent. */
  readonly recordId: string | null
  /** As text, by name, `Id` too; null for a field without a value. Such fields are often left out. */
  readonly fields: Readonly<Record<string, string | null>>
}

/** Reads the SOAP request that the WSDL of an outbound message describes. @throws {XmlError} */
export function readOutboundMessage(text: string): OutboundMessage {
  const envelope = readXml(text, XML_BOUNDS)
  const body =
    envelope.name === 'Envelope' && envelope.namespace === SOAP_NAMESPACE
      ? childOf(envelope, SOAP_NAMESPACE, 'Body')
      : null
  const message = body === null ? null : childOf(body, OUTBOUND_NAMESPACE, 'notifications')
  if (message === null) throw new XmlError('It is no outbound message of Salesforce.')
  const notifications = message.children.filter(({ name }) => name === 'Notification')
  if (notifications.length === 0 || notifications.length > MOST_NOTIFICATIONS) {
    throw new XmlError(`It must have 1 to ${MOST_NOTIFICATIONS} notifications.`)
  }
  return {
    organizationId: requireId(message, 'OrganizationId'),
    actionId: textOf(message, 'ActionId'),
    notifications: notifications.map(readNotification),
  }
}

function readNotification(notification: XmlElement): OutboundNotification {
  const record = childOf(notification, OUTBOUND_NAMESPACE, 'sObject')
  if (record === null) throw new XmlError('A notification has no sObject.')
  const fields = Object.fromEntries(record.children.map((field) => [field.name, textOrNull(field)]))
  const recordId = fields['Id'] ?? ''
  if (recordId !== '' && !isRecordId(recordId)) throw new XmlError('The Id of an sObject is none.')
  return {
    id: requireId(notification, 'Id'),
    objectType: objectTypeOf(record),
    recordId: recordId === '' ? null : recordId,
    fields,
  }
}

/** `xsi:type="sf:Account"` */
function objectTypeOf(record: XmlElement): string {
  const type = attributeOf(record, 'type') ?? ''
  const name = type.slice(type.indexOf(':') + 1)
  if (!isObjectName(name)) throw new XmlError('An sObject does not say its type.')
  if (isOwnObject(name)) {
    throw new XmlError(
      `An sObject must not be of type ${name}: events of that name are Conveyor's own.`,
    )
  }
  return name
}

function textOrNull(field: XmlElement): string | null {
  const nil = attributeOf(field, 'nil')
  return nil === 'true' || nil === '1' ? null : field.text
}

function attributeOf(element: XmlElement, name: string): string | null {
  const found = element.attributes.find(
    (each) => each.name === name && each.namespace === INSTANCE_NAMESPACE,
  )
  return found?.value.trim() ?? null
}

function requireId(parent: XmlElement, name: string): string {
  const id = textOf(parent, name) ?? ''
  if (!isRecordId(id)) throw new XmlError(`${name} is missing, or no id.`)
  return id
}

function textOf(parent: XmlElement, name: string): string | null {
  return childOf(parent, OUTBOUND_NAMESPACE, name)?.text.trim() ?? null
}
