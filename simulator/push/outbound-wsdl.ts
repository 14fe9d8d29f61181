import type { FieldDefinition, ObjectDefinition } from '../schema/field.ts'
import { OUTBOUND_NAMESPACE } from './outbound-envelope.ts'
import { escapeXml } from './soap-value.ts'

const ENTERPRISE = 'urn:enterprise.soap.sforce.com'
const SOBJECT = 'urn:sobject.enterprise.soap.sforce.com'

/** The description that Setup offers for an outbound message: listeners are generated from it. */
export function outboundWsdl(
  object: ObjectDefinition,
  fields: readonly FieldDefinition[],
  endpointUrl: string,
): string {
  const elements = fields
    .filter((field) => field.system !== 'id')
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map(
      ({ name, type }) =>
        `<element name="${name}" nillable="true" minOccurs="0" type="${xsdType(type)}"/>`,
    )
  return `<?xml version="1.0" encoding="UTF-8"?>
<definitions targetNamespace="${OUTBOUND_NAMESPACE}"
  xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/"
  xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:tns="${OUTBOUND_NAMESPACE}"
  xmlns:ent="${ENTERPRISE}" xmlns:ens="${SOBJECT}">
<types>
<schema elementFormDefault="qualified" xmlns="http://www.w3.org/2001/XMLSchema" targetNamespace="${ENTERPRISE}">
<simpleType name="ID"><restriction base="xsd:string"><length value="18"/><pattern value="[a-zA-Z0-9]{18}"/></restriction></simpleType>
</schema>
<schema elementFormDefault="qualified" xmlns="http://www.w3.org/2001/XMLSchema" targetNamespace="${SOBJECT}">
<import namespace="${ENTERPRISE}"/>
<complexType name="sObject"><sequence>
<element name="fieldsToNull" type="xsd:string" nillable="true" minOccurs="0" maxOccurs="unbounded"/>
<element name="Id" type="ent:ID" nillable="true"/>
</sequence></complexType>
<complexType name="${object.name}"><complexContent><extension base="ens:sObject"><sequence>
${elements.join('\n')}
</sequence></extension></complexContent></complexType>
</schema>
<schema elementFormDefault="qualified" xmlns="http://www.w3.org/2001/XMLSchema" targetNamespace="${OUTBOUND_NAMESPACE}">
<import namespace="${ENTERPRISE}"/>
<import namespace="${SOBJECT}"/>
<element name="notifications"><complexType><sequence>
<element name="OrganizationId" type="ent:ID"/>
<element name="ActionId" type="ent:ID"/>
<element name="SessionId" type="xsd:string" nillable="true"/>
<element name="EnterpriseUrl" type="xsd:string"/>
<element name="PartnerUrl" type="xsd:string"/>
<element name="Notification" maxOccurs="100" type="tns:${object.name}Notification"/>
</sequence></complexType></element>
<complexType name="${object.name}Notification"><sequence>
<element name="Id" type="ent:ID"/>
<element name="sObject" type="ens:${object.name}"/>
</sequence></complexType>
<element name="notificationsResponse"><complexType><sequence>
<element name="Ack" type="xsd:boolean"/>
</sequence></complexType></element>
</schema>
</types>
<message name="notificationsRequest"><part element="tns:notifications" name="request"/></message>
<message name="notificationsResponse"><part element="tns:notificationsResponse" name="response"/></message>
<portType name="NotificationPort"><operation name="notifications">
<input message="tns:notificationsRequest"/><output message="tns:notificationsResponse"/>
</operation></portType>
<binding name="NotificationBinding" type="tns:NotificationPort">
<soap:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>
<operation name="notifications"><soap:operation soapAction=""/>
<input><soap:body use="literal"/></input><output><soap:body use="literal"/></output>
</operation></binding>
<service name="NotificationService">
<port binding="tns:NotificationBinding" name="Notification"><soap:address location="${escapeXml(endpointUrl)}"/></port>
</service>
</definitions>
`
}

function xsdType(type: FieldDefinition['type']): string {
  switch (type) {
    case 'id':
    case 'reference':
      return 'ent:ID'
    case 'boolean':
      return 'xsd:boolean'
    case 'int':
      return 'xsd:int'
    case 'double':
    case 'currency':
    case 'percent':
      return 'xsd:double'
    case 'date':
      return 'xsd:date'
    case 'datetime':
      return 'xsd:dateTime'
    case 'time':
      return 'xsd:time'
    case 'string':
    case 'textarea':
    case 'email':
    case 'phone':
    case 'url':
    case 'picklist':
    case 'combobox':
    case 'multipicklist':
    case 'address':
      return 'xsd:string'
  }
}
