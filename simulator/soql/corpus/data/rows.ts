/** The fixture's records as plain rows: what the expected answers are computed from. */

/** What every record has. Instants are ISO texts in UTC, as the store keeps them. */
export interface SystemFields {
  /** The record's number, from which its id is made; no field of the record. */
  readonly n: number
  readonly Id: string
  readonly IsDeleted: boolean
  readonly CreatedDate: string
  readonly CreatedById: string
  readonly LastModifiedDate: string
  readonly LastModifiedById: string
}

export interface UserRow extends SystemFields {
  readonly Username: string
  readonly FirstName: string
  readonly LastName: string
  readonly Name: string
  readonly Email: string
  readonly Alias: string
  readonly IsActive: boolean
  readonly TimeZoneSidKey: string
  readonly LocaleSidKey: string
}

export interface AccountRow extends SystemFields {
  readonly Name: string
  readonly ParentId: string | null
  readonly OwnerId: string
  readonly Type: string | null
  readonly Industry: string | null
  readonly Rating: string | null
  readonly AnnualRevenue: number | null
  readonly NumberOfEmployees: number | null
  readonly BillingCity: string | null
  readonly BillingCountry: string | null
  readonly Website: string | null
  readonly Description: string | null
  readonly Tier__c: string | null
  readonly Active__c: boolean
  readonly Score__c: number | null
  readonly Last_Contacted__c: string | null
  readonly External_Id__c: string | null
}

export interface ContactRow extends SystemFields {
  readonly FirstName: string | null
  readonly LastName: string
  readonly Name: string
  readonly AccountId: string | null
  readonly ReportsToId: string | null
  readonly OwnerId: string
  readonly Email: string | null
  readonly Title: string | null
  readonly Department: string | null
  readonly LeadSource: string | null
  readonly Birthdate: string | null
  readonly HasOptedOutOfEmail: boolean
  readonly DoNotCall: boolean
  readonly Level__c: string | null
  readonly Languages__c: string | null
}

export interface OpportunityRow extends SystemFields {
  readonly Name: string
  readonly AccountId: string | null
  readonly OwnerId: string
  readonly StageName: string
  readonly Amount: number | null
  readonly Probability: number | null
  readonly CloseDate: string
  readonly Type: string | null
  readonly LeadSource: string | null
  readonly NextStep: string | null
}

export interface LeadRow extends SystemFields {
  readonly FirstName: string | null
  readonly LastName: string
  readonly Name: string
  readonly Company: string
  readonly OwnerId: string
  readonly Status: string
  readonly LeadSource: string | null
  readonly Rating: string | null
  readonly Country: string | null
  readonly NumberOfEmployees: number | null
  readonly IsConverted: boolean
  readonly IsUnreadByOwner: boolean
}

export interface TaskRow extends SystemFields {
  readonly Subject: string
  /** A contact or a lead. */
  readonly WhoId: string | null
  /** An account or an opportunity. */
  readonly WhatId: string | null
  readonly OwnerId: string
  readonly ActivityDate: string | null
}

/** What a row of Custom_Object__c is there for; stored in `Phone__c`, so that queries can name it. */
export type Purpose = 'typed' | 'text' | 'clock' | 'dst'

export interface CustomRow extends SystemFields {
  readonly Name: string
  readonly OwnerId: string
  readonly Account__c: string | null
  readonly Phone__c: Purpose
  readonly Text__c: string | null
  readonly Long_Text__c: string | null
  readonly Number__c: number | null
  readonly Currency__c: number | null
  readonly Percent__c: number | null
  readonly Checkbox__c: boolean
  readonly Date__c: string | null
  readonly Datetime__c: string | null
  readonly Email__c: string | null
  readonly Url__c: string | null
  readonly Status__c: string | null
  readonly Colours__c: string | null
}
