import { expect, test } from 'vitest'
import { fieldFixture, objectFixture } from '../../bulk/describe-fixture.ts'
import { diffDescribes, objectDifference, wordsOf } from './diff-describes.ts'

const picklist = (...values: string[]) =>
  fieldFixture('Tier__c', {
    type: 'picklist',
    picklistValues: values.map((value) => ({ value, label: value, active: value !== 'Old' })),
  })

function differences(before: Parameters<typeof objectFixture>[0], after: typeof before) {
  return diffDescribes(objectFixture(before), objectFixture(after)).map((difference) => [
    difference.kind,
    difference.field,
    wordsOf(difference),
  ])
}

test('fields that came, went and became another type', () => {
  expect(
    differences(
      [fieldFixture('Kept'), fieldFixture('Gone__c'), fieldFixture('Size__c')],
      [fieldFixture('Kept'), fieldFixture('Size__c', { type: 'double' }), fieldFixture('New__c')],
    ),
  ).toEqual([
    ['field_removed', 'Gone__c', 'string'],
    ['field_type_changed', 'Size__c', 'string → double'],
    ['field_added', 'New__c', 'string'],
  ])
})

test('what says how a field is called, or in which letters, is no difference', () => {
  expect(
    differences(
      [fieldFixture('Name__c')],
      [fieldFixture('NAME__c', { label: 'Another', length: 20 })],
    ),
  ).toEqual([])
})

test('values of a picklist that can be chosen', () => {
  expect(differences([picklist('A', 'B')], [picklist('B', 'A')])).toEqual([])
  // One that cannot be chosen is as good as none.
  expect(differences([picklist('A')], [picklist('A', 'Old')])).toEqual([])
  expect(differences([picklist('A', 'B')], [picklist('B', 'C')])).toEqual([
    ['picklist_changed', 'Tier__c', '+C, −A'],
  ])
  const many = Array.from({ length: 8 }, (_, index) => `v${index}`)
  expect(differences([picklist()], [picklist(...many)])).toEqual([
    ['picklist_changed', 'Tier__c', '+v0, +v1, +v2, +v3, +v4, +3 more'],
  ])
})

test('a removed field leaves behind what it was', () => {
  const owner = fieldFixture('OwnerId', { type: 'reference', relationshipName: 'Owner' })
  const [difference] = diffDescribes(objectFixture([owner]), objectFixture([]))
  expect(difference).toMatchObject({
    objectType: 'Account',
    before: { type: 'reference', relationship_name: 'Owner' },
    after: null,
  })
})

test('an object that came or went', () => {
  const object = objectFixture([], { name: 'Invoice__c', label: 'Invoice', custom: true })
  const facts = { label: 'Invoice', custom: true, key_prefix: '001' }
  const about = { objectType: 'Invoice__c', field: null }
  expect(objectDifference('object_added', object)).toEqual({
    ...{ kind: 'object_added', ...about, before: null, after: facts },
  })
  expect(objectDifference('object_removed', object)).toEqual({
    ...{ kind: 'object_removed', ...about, before: facts, after: null },
  })
})
