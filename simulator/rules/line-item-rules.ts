import { makeId } from '../ids.ts'
import type { RecordFields } from '../store/record-store.ts'
import { roundHalfUp } from '../values/coerce-text.ts'
import { type RowError, rowError } from '../values/row-error.ts'
import type { ObjectRules, PendingChange, RuleScope, SavedChange } from './object-rules.ts'
import { childrenOf, needed, type RelatedRecord, related } from './related-record.ts'
import { numberIn, setValue, textIn } from './set-value.ts'

/** Currencies have sixteen digits before their point. */
const PRICE_LIMIT = 1e16

/** Prices of a line, and the sums that its opportunity shows. */
export const lineItemRules: ObjectRules = {
  derive(change, scope) {
    const { after } = change
    const opportunity = related(scope, after, 'OpportunityId')
    // A missing or wrong opportunity is refused by the checks that follow.
    if (opportunity === null) return null
    const entry = priceOf(after, opportunity, scope)
    if (entry === null) {
      return rowError(
        'REQUIRED_FIELD_MISSING',
        'Required fields are missing: [PricebookEntryId]',
        'PricebookEntryId',
      )
    }
    const book = textIn(opportunity.fields, 'Pricebook2Id')
    if (book !== null && entry.fields['Pricebook2Id'] !== book) {
      return rowError(
        'FIELD_INTEGRITY_EXCEPTION',
        'field integrity exception: PricebookEntryId (pricebook entry is in a different pricebook than the one assigned to the opportunity)',
        'PricebookEntryId',
      )
    }
    after['PricebookEntryId'] = entry.id
    setValue(after, 'Product2Id', entry.fields['Product2Id'])
    setValue(after, 'ProductCode', entry.fields['ProductCode'])
    setValue(after, 'ListPrice', entry.fields['UnitPrice'])
    after['Name'] = `${String(opportunity.fields['Name'])} ${String(entry.fields['Name'])}`
    return derivePrices(change)
  },
  saved: keepSums,
}

/** The price that the line names, or the one of its product in the opportunity's price book. */
function priceOf(
  after: Readonly<RecordFields>,
  opportunity: RelatedRecord,
  scope: RuleScope,
): RelatedRecord | null {
  const named = related(scope, after, 'PricebookEntryId')
  const product = textIn(after, 'Product2Id')
  if (named !== null || product === null) return named
  const book = textIn(opportunity.fields, 'Pricebook2Id')
  const found = childrenOf(scope, 'PricebookEntry', 'Product2Id', product).find((price) =>
    book === null
      ? related(scope, price.fields, 'Pricebook2Id')?.fields['IsStandard'] === true
      : price.fields['Pricebook2Id'] === book,
  )
  if (found === undefined) return null
  const object = needed(scope, 'PricebookEntry')
  return { ...found, object, id: makeId(object.keyPrefix, found.n) }
}

function derivePrices({ given, after }: PendingChange): RowError | null {
  const quantity = numberIn(after, 'Quantity')
  // A missing quantity is refused with the other required fields.
  if (quantity === null) return null
  const total = numberIn(given, 'TotalPrice')
  const unit = numberIn(given, 'UnitPrice')
  if (total !== null && unit !== null && roundHalfUp(unit * quantity, 2) !== total) {
    return rowError(
      'FIELD_INTEGRITY_EXCEPTION',
      'field integrity exception: only one of unit price or total price may be specified',
      'UnitPrice',
      'TotalPrice',
    )
  }
  if (total !== null && unit === null) {
    setValue(after, 'UnitPrice', quantity === 0 ? 0 : roundHalfUp(total / quantity, 2))
    return null
  }
  const price = numberIn(after, 'UnitPrice')
  if (price === null) {
    return rowError(
      'REQUIRED_FIELD_MISSING',
      'Required fields are missing: [UnitPrice]',
      'UnitPrice',
    )
  }
  const product = roundHalfUp(price * quantity, 2)
  if (Math.abs(product) >= PRICE_LIMIT) {
    return rowError(
      'NUMBER_OUTSIDE_VALID_RANGE',
      `Total Price: value outside of valid range on numeric field: ${product}`,
      'TotalPrice',
    )
  }
  after['TotalPrice'] = product
  return null
}

/** Amount and quantity of an opportunity are those of its lines; without lines they stay as they are. */
function keepSums(change: SavedChange, scope: RuleScope): void {
  const id = textIn(change.after, 'OpportunityId')
  const opportunity = related(scope, change.after, 'OpportunityId')
  // Lines that go with their opportunity change nothing more on it.
  if (id === null || opportunity === null) return
  const lines = childrenOf(scope, 'OpportunityLineItem', 'OpportunityId', id)
  const sum = (name: string): number =>
    roundHalfUp(
      lines.reduce((total, line) => total + (numberIn(line.fields, name) ?? 0), 0),
      2,
    )
  const values: RecordFields = { HasOpportunityLineItem: lines.length > 0 }
  if (lines.length > 0) {
    values['Amount'] = sum('TotalPrice')
    values['TotalOpportunityQuantity'] = sum('Quantity')
  }
  if (textIn(opportunity.fields, 'Pricebook2Id') === null) {
    setValue(
      values,
      'Pricebook2Id',
      related(scope, change.after, 'PricebookEntryId')?.fields['Pricebook2Id'],
    )
  }
  const same = Object.entries(values).every(([name, value]) => opportunity.fields[name] === value)
  if (same) return
  const { stamp } = change.context
  const result = scope.writer.update(opportunity.object, id, values, { stamp, source: 'org' })
  if (!result.ok) throw new Error(`sums of ${id}: ${result.error.message}`)
}
