import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { fieldFixture, objectFixture } from '../../bulk/describe-fixture.ts'
import type { PicklistValue } from '../../contracts/metadata.ts'
import { typeScriptTypes } from './typescript-types.ts'

const TSC = fileURLToPath(new URL('../../node_modules/.bin/tsc', import.meta.url))

const value = (text: string, facts: Partial<PicklistValue> = {}): PicklistValue => ({
  ...{ value: text, label: text, active: true },
  ...facts,
})

const NASTY = ["it's", '"quoted"', 'back\\slash', '*/ end', '`', 'a\nb', '\u2028', '\u202e', 'é']

const account = objectFixture(
  [
    fieldFixture('Name', { nillable: false, nameField: true }),
    fieldFixture('Active__c', { type: 'boolean', nillable: false }),
    fieldFixture('Employees', { type: 'int' }),
    fieldFixture('Revenue', { type: 'currency', calculatedFormula: 'A__c /* x */ * 2\n+ 1' }),
    fieldFixture('CreatedDate', { type: 'datetime', createable: false, updateable: false }),
    fieldFixture('BillingAddress', { type: 'address' }),
    fieldFixture('Place__c', { type: 'location' }),
    fieldFixture('OwnerId', {
      ...{ type: 'reference', referenceTo: ['User', 'Group'], relationshipName: 'Owner' },
      nillable: false,
    }),
    fieldFixture('Tier__c', {
      ...{ type: 'picklist', restrictedPicklist: true },
      picklistValues: [value('gold', { label: 'Gold */' }), value('old', { active: false })],
    }),
    fieldFixture('Rating', { type: 'picklist', picklistValues: NASTY.map((text) => value(text)) }),
    fieldFixture('Empty__c', { type: 'picklist' }),
    fieldFixture('Interests__c', { type: 'multipicklist', picklistValues: [value('a')] }),
    fieldFixture('New__c', { type: 'something_new' }),
    fieldFixture('Help__c', { inlineHelpText: 'Ends here */ export const x = 1 /*\r\n\r\nmore' }),
  ],
  { label: 'Acc */ount' },
)

/** Both hold: what must compile does, and what must not does not. */
const USE = `
import type { Account, Account_Rating_Value, Account_Tier__c_Value } from './account.ts'
declare const account: Account
export const name: string = account.Name
export const flag: boolean = account.Active__c
export const count: number | null = account.Employees
export const city: string | null | undefined = account.BillingAddress?.city
export const latitude: number | undefined = account.Place__c?.latitude
export const owner: 'User' | 'Group' | undefined = account.Owner?.attributes.type
export const known: Account_Tier__c_Value[] = ['gold', 'old']
export const open: Account_Rating_Value[] = ["it's", 'anything else', 'a\\nb', '\\u2028']
export const interests: string | null = account.Interests__c
// @ts-expect-error it may be null
export const employees: number = account.Employees
// @ts-expect-error no such value
export const tier: Account_Tier__c_Value = 'silver'
// @ts-expect-error it may be anything
export const fresh: string = account.New__c
`

test('the module compiles under strict rules and says what records hold', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'conveyor-types-'))
  try {
    await writeFile(join(folder, 'account.ts'), typeScriptTypes(account))
    await writeFile(join(folder, 'use.ts'), USE)
    const compilerOptions = {
      ...{ strict: true, noEmit: true, target: 'es2022', module: 'nodenext', types: [] },
      ...{ exactOptionalPropertyTypes: true, allowImportingTsExtensions: true },
    }
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions }))
    const run = promisify(execFile)(TSC, ['-p', folder])
    await expect(run.catch((error: { stdout: string }) => error)).resolves.toMatchObject({
      stdout: '',
    })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})

test('nothing that an administrator wrote ends a comment or turns a line around', () => {
  const text = typeScriptTypes(account)
  expect(text).not.toContain('\u202e')
  expect(text).not.toContain('\u2028')
  const comments = text.match(/\/\*\*[\s\S]*?\*\//g) ?? []
  const outside = comments.reduce((rest, comment) => rest.replace(comment, ''), text)
  expect(outside).not.toContain('Ends here')
  expect(outside).not.toContain('x = 1')
})

test('an object named like a word of the language, and too many values', () => {
  const values = Array.from({ length: 501 }, (_, index) => value(`v${index}`))
  const text = typeScriptTypes(
    objectFixture([fieldFixture('Kind', { type: 'picklist', picklistValues: values })], {
      name: 'case',
    }),
  )
  expect(text).toContain('export interface _case {')
  expect(text).toContain('  Kind: string | null\n')
})
