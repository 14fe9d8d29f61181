import { API_VERSIONS, ORG_ID } from '../org.ts'
import { escapeXml } from './soap-value.ts'

export const OUTBOUND_NAMESPACE = 'http://soap.sforce.com/2005/09/outbound'
const SOAP_VERSION = API_VERSIONS[API_VERSIONS.length - 1]

/** One notification, its values rendered. */
export interface Notification {
  readonly id: string
  readonly object: string
  /** `null` for a record that is gone and of which nothing is told. */
  readonly recordId: string | null
  /** Name and escaped value; fields without a value are left out. */
  readonly fields: readonly (readonly [name: string, value: string])[]
}

export interface OutboundEnvelope {
  readonly actionId: string
  readonly sessionId: string | null
  readonly baseUrl: string
  /** 1 to 100. */
  readonly notifications: readonly Notification[]
}

/** The SOAP 1.1 request that the WSDL of an outbound message describes, laid out as orgs send it. */
export function outboundEnvelope(message: OutboundEnvelope): string {
  const soap = `${escapeXml(message.baseUrl)}/services/Soap`
  const organization = ORG_ID.slice(0, 15)
  const session =
    message.sessionId === null
      ? '<SessionId xsi:nil="true"/>'
      : `<SessionId>${escapeXml(message.sessionId)}</SessionId>`
  return `<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
 <soapenv:Body>
  <notifications xmlns="${OUTBOUND_NAMESPACE}">
   <OrganizationId>${ORG_ID}</OrganizationId>
   <ActionId>${message.actionId}</ActionId>
   ${session}
   <EnterpriseUrl>${soap}/c/${SOAP_VERSION}.0/${organization}</EnterpriseUrl>
   <PartnerUrl>${soap}/u/${SOAP_VERSION}.0/${organization}</PartnerUrl>
${message.notifications.map(notificationXml).join('\n')}
  </notifications>
 </soapenv:Body>
</soapenv:Envelope>`
}

function notificationXml(notification: Notification): string {
  const { recordId } = notification
  // The WSDL wants an Id in every sObject, and allows that it has no value.
  const id = recordId === null ? '<sf:Id xsi:nil="true"/>' : `<sf:Id>${recordId}</sf:Id>`
  const fields = notification.fields.map(([name, value]) => `<sf:${name}>${value}</sf:${name}>`)
  return `   <Notification>
    <Id>${notification.id}</Id>
    <sObject xsi:type="sf:${notification.object}" xmlns:sf="urn:sobject.enterprise.soap.sforce.com">
${[id, ...fields].map((line) => `     ${line}`).join('\n')}
    </sObject>
   </Notification>`
}
