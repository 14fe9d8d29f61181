import * as f from '../field-builders.ts'

/** The org itself: one record, whose id is the org's. */
export const organization = f.object(
  'Organization',
  '00D',
  [
    f.text('Name', 80, { nameField: true, createable: false }),
    f.text('Division', 80, { createable: false }),
    ...f.address('').map((part) => ({ ...part, createable: false })),
    f.phone('Phone', { createable: false }),
    f.phone('Fax', { createable: false }),
    f.text('PrimaryContact', 80, { createable: false }),
    f.text('DefaultLocaleSidKey', 40, { label: 'Locale', createable: false }),
    f.text('TimeZoneSidKey', 40, { label: 'Time Zone', createable: false }),
    f.text('LanguageLocaleKey', 40, { label: 'Language', createable: false }),
    f.integer('FiscalYearStartMonth', 9, { label: 'Fiscal Year Starts In', ...f.readOnly }),
    f.checkbox('UsesStartDateAsFiscalYearName', {
      label: 'Fiscal Year Name by Start',
      ...f.readOnly,
    }),
    f.datetime('TrialExpirationDate', f.readOnly),
    f.text('OrganizationType', 40, { label: 'Edition', ...f.readOnly }),
    f.text('NamespacePrefix', 15, f.readOnly),
    f.text('InstanceName', 5, f.readOnly),
    f.checkbox('IsSandbox', f.readOnly),
    f.checkbox('IsReadOnly', f.readOnly),
    f.text('SignupCountryIsoCode', 2, { label: 'Signup Country', ...f.readOnly }),
  ],
  { createable: false, deletable: false, without: ['IsDeleted'] },
)
