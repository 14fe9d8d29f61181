import type { MirrorObject } from '../contracts/mirror.ts'

/** Types of columns, by the names that Postgres's catalogue gives them. */
export type MirrorColumnType = 'text' | 'numeric' | 'bool' | 'int4' | 'date' | 'timestamptz'

export interface MirrorColumn {
  readonly column: string
  /** Field of Salesforce. */
  readonly field: string
  readonly type: MirrorColumnType
}

export interface MirrorTable {
  readonly table: string
  readonly columns: readonly MirrorColumn[]
  /** Without these there is nothing to pull, and no figure to make; the others may be missing in an org. */
  readonly required: readonly string[]
  /** `pages`: in the order of SystemModstamp. `whole`: few rows, replaced at each run. */
  readonly pull: 'pages' | 'whole'
  /** Whether the org tells what was deleted. */
  readonly tellsDeleted: boolean
}

const column = (type: MirrorColumnType) => (name: string, field: string) => ({
  ...{ column: name, field, type },
})
const text = column('text')
const numeric = column('numeric')
const bool = column('bool')
const integer = column('int4')
const date = column('date')
const time = column('timestamptz')

const MODSTAMP = time('system_modstamp', 'SystemModstamp')
const CREATED = time('created_date', 'CreatedDate')
const CURRENCY = text('currency_iso_code', 'CurrencyIsoCode')
const PULLED = { pull: 'pages', tellsDeleted: true } as const

/** Which fields of which object stand in which table, beside Id, and how they are pulled. */
export const MIRROR_TABLES: Readonly<Record<MirrorObject, MirrorTable>> = {
  Opportunity: {
    ...PULLED,
    table: 'mirror_opportunities',
    required: [
      'SystemModstamp',
      'CreatedDate',
      'StageName',
      'CloseDate',
      'IsClosed',
      'IsWon',
      'OwnerId',
    ],
    columns: [
      text('name', 'Name'),
      text('account_id', 'AccountId'),
      text('owner_id', 'OwnerId'),
      text('stage_name', 'StageName'),
      numeric('amount', 'Amount'),
      numeric('probability', 'Probability'),
      numeric('expected_revenue', 'ExpectedRevenue'),
      date('close_date', 'CloseDate'),
      bool('is_closed', 'IsClosed'),
      bool('is_won', 'IsWon'),
      text('forecast_category', 'ForecastCategory'),
      text('lead_source', 'LeadSource'),
      text('type', 'Type'),
      CURRENCY,
      CREATED,
      time('last_stage_change_date', 'LastStageChangeDate'),
      date('last_activity_date', 'LastActivityDate'),
      MODSTAMP,
    ],
  },
  OpportunityHistory: {
    ...PULLED,
    table: 'mirror_opportunity_history',
    required: ['SystemModstamp', 'CreatedDate', 'OpportunityId', 'StageName'],
    columns: [
      text('opportunity_id', 'OpportunityId'),
      text('stage_name', 'StageName'),
      numeric('amount', 'Amount'),
      numeric('probability', 'Probability'),
      numeric('expected_revenue', 'ExpectedRevenue'),
      date('close_date', 'CloseDate'),
      CURRENCY,
      CREATED,
      MODSTAMP,
    ],
  },
  Lead: {
    ...PULLED,
    table: 'mirror_leads',
    required: ['SystemModstamp', 'CreatedDate', 'Status', 'IsConverted', 'OwnerId'],
    columns: [
      text('status', 'Status'),
      text('lead_source', 'LeadSource'),
      text('rating', 'Rating'),
      text('owner_id', 'OwnerId'),
      bool('is_converted', 'IsConverted'),
      date('converted_date', 'ConvertedDate'),
      text('converted_opportunity_id', 'ConvertedOpportunityId'),
      CREATED,
      MODSTAMP,
    ],
  },
  Account: {
    ...PULLED,
    table: 'mirror_accounts',
    required: ['SystemModstamp', 'CreatedDate', 'OwnerId'],
    columns: [
      text('name', 'Name'),
      text('industry', 'Industry'),
      text('type', 'Type'),
      numeric('annual_revenue', 'AnnualRevenue'),
      integer('number_of_employees', 'NumberOfEmployees'),
      text('owner_id', 'OwnerId'),
      date('last_activity_date', 'LastActivityDate'),
      CURRENCY,
      CREATED,
      MODSTAMP,
    ],
  },
  // Users are deactivated, never deleted.
  User: {
    ...PULLED,
    tellsDeleted: false,
    table: 'mirror_users',
    required: ['SystemModstamp'],
    columns: [text('name', 'Name'), bool('is_active', 'IsActive'), MODSTAMP],
  },
  OpportunityStage: {
    pull: 'whole',
    tellsDeleted: false,
    required: ['ApiName'],
    table: 'mirror_stages',
    columns: [
      text('name', 'ApiName'),
      text('label', 'MasterLabel'),
      integer('sort_order', 'SortOrder'),
      bool('is_closed', 'IsClosed'),
      bool('is_won', 'IsWon'),
      numeric('default_probability', 'DefaultProbability'),
      bool('is_active', 'IsActive'),
      text('forecast_category', 'ForecastCategory'),
    ],
  },
  CurrencyType: {
    pull: 'whole',
    tellsDeleted: false,
    required: ['IsoCode'],
    table: 'mirror_currencies',
    columns: [
      text('iso_code', 'IsoCode'),
      numeric('conversion_rate', 'ConversionRate'),
      bool('is_corporate', 'IsCorporate'),
      bool('is_active', 'IsActive'),
    ],
  },
}
