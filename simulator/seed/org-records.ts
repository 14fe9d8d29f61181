import { makeId } from '../ids.ts'
import { ADMIN, ORG_CREATED, USERNAME } from '../org.ts'
import { LEAD_STATUSES } from '../schema/lead-statuses.ts'
import { forecastLabel, OPPORTUNITY_STAGES } from '../schema/opportunity-stages.ts'
import type { RecordFields } from '../store/record-store.ts'
import type { SeedRecord } from './seed-record.ts'

/** Numbers of records that every org has. */
export const STANDARD_PRICEBOOK = 1
export const ADMIN_PROFILE = 1
export const SALES_PROFILE = 2

function made(object: string, n: number, fields: RecordFields): SeedRecord {
  return {
    object,
    n,
    fields,
    created: ORG_CREATED,
    modified: ORG_CREATED,
    createdBy: ADMIN,
  }
}

/** What every org holds from its first day: itself, its administrator, and its sales process. */
export function orgRecords(): readonly SeedRecord[] {
  return [
    made('Organization', 1, {
      Name: 'Simulator',
      Country: 'US',
      PrimaryContact: 'Simulator Admin',
      DefaultLocaleSidKey: 'en_US',
      TimeZoneSidKey: 'GMT',
      LanguageLocaleKey: 'en_US',
      FiscalYearStartMonth: 1,
      UsesStartDateAsFiscalYearName: false,
      OrganizationType: 'Developer Edition',
      InstanceName: 'SIM1',
      IsSandbox: false,
      IsReadOnly: false,
    }),
    made('Profile', ADMIN_PROFILE, { Name: 'System Administrator', UserType: 'Standard' }),
    made('Profile', SALES_PROFILE, { Name: 'Standard User', UserType: 'Standard' }),
    made('User', ADMIN, {
      Username: USERNAME,
      FirstName: 'Simulator',
      LastName: 'Admin',
      Name: 'Simulator Admin',
      Email: USERNAME,
      Alias: 'admin',
      CommunityNickname: 'admin',
      IsActive: true,
      TimeZoneSidKey: 'GMT',
      LocaleSidKey: 'en_US',
      EmailEncodingKey: 'UTF-8',
      LanguageLocaleKey: 'en_US',
      UserType: 'Standard',
      ForecastEnabled: false,
      ProfileId: makeId('00e', ADMIN_PROFILE),
    }),
    made('Pricebook2', STANDARD_PRICEBOOK, {
      Name: 'Standard Price Book',
      IsActive: true,
      IsArchived: false,
      IsStandard: true,
    }),
    ...OPPORTUNITY_STAGES.map((stage, index) =>
      made('OpportunityStage', index + 1, {
        MasterLabel: stage.name,
        ApiName: stage.name,
        IsActive: true,
        SortOrder: index + 1,
        IsClosed: stage.closed,
        IsWon: stage.won,
        ForecastCategory: stage.category,
        ForecastCategoryName: forecastLabel(stage.category),
        DefaultProbability: stage.probability,
      }),
    ),
    ...LEAD_STATUSES.map((status, index) =>
      made('LeadStatus', index + 1, {
        MasterLabel: status.name,
        ApiName: status.name,
        SortOrder: index + 1,
        IsDefault: index === 0,
        IsConverted: status.converted,
      }),
    ),
  ]
}
