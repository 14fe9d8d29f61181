import { rowError } from '../values/row-error.ts'
import type { ObjectRules } from './object-rules.ts'
import { childrenOf, related } from './related-record.ts'
import { numberIn, setValue } from './set-value.ts'

/** A product has one price a price book, and a standard price before all others. */
export const pricebookEntryRules: ObjectRules = {
  derive({ kind, before, after }, scope) {
    const product = related(scope, after, 'Product2Id')
    const book = related(scope, after, 'Pricebook2Id')
    // Missing and wrong lookups are refused by the checks that follow.
    if (product === null || book === null) return null
    setValue(after, 'Name', product.fields['Name'])
    setValue(after, 'ProductCode', product.fields['ProductCode'])
    const prices = childrenOf(scope, 'PricebookEntry', 'Product2Id', product.id)
    if (kind === 'created' && prices.some((price) => price.fields['Pricebook2Id'] === book.id)) {
      return rowError('DUPLICATE_VALUE', 'This price definition already exists in this price book')
    }
    if (book.fields['IsStandard'] === true) return null
    const standard = prices.find(
      (price) => related(scope, price.fields, 'Pricebook2Id')?.fields['IsStandard'] === true,
    )
    if (standard === undefined) {
      return rowError('STANDARD_PRICE_NOT_DEFINED', 'No standard price defined for this product')
    }
    if (after['UseStandardPrice'] !== true) return null
    const price = numberIn(standard.fields, 'UnitPrice')
    const own = numberIn(after, 'UnitPrice')
    if (before === null && own !== null && own !== price) {
      return rowError(
        'FIELD_INTEGRITY_EXCEPTION',
        'field integrity exception: UnitPrice (standard price must be used when UseStandardPrice is set)',
        'UnitPrice',
      )
    }
    setValue(after, 'UnitPrice', price)
    return null
  },
}
