/** An org, in both forms of its id. */
export const ORG = '00D000000000001AAA'

export interface SentNotification {
  readonly id: string
  /** What stands in the sObject; the Id where absent. */
  readonly xml?: string
  readonly type?: string
}

/** The id of the nth notification. */
export function notificationId(n: number): string {
  return `04l${String(n).padStart(12, '0')}AAA`
}

/** An outbound message as an org sends it. */
export function outboundXml(notifications: readonly SentNotification[], org = ORG): string {
  const listed = notifications.map(
    ({ id, xml = '<sf:Id>001000000000001AAA</sf:Id>', type = 'sf:Account' }) => `
   <Notification>
    <Id>${id}</Id>
    <sObject xsi:type="${type}" xmlns:sf="urn:sobject.enterprise.soap.sforce.com">${xml}</sObject>
   </Notification>`,
  )
  return `<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
 <soapenv:Body>
  <notifications xmlns="http://soap.sforce.com/2005/09/outbound">
   <OrganizationId>${org}</OrganizationId>
   <ActionId>04k000000000001AAA</ActionId>
   <SessionId>00D000000000001!a.session.of.somebody</SessionId>
   <EnterpriseUrl>https://example.my.salesforce.com/services/Soap/c/67.0/00D</EnterpriseUrl>
   <PartnerUrl>https://example.my.salesforce.com/services/Soap/u/67.0/00D</PartnerUrl>${listed.join('')}
  </notifications>
 </soapenv:Body>
</soapenv:Envelope>`
}
