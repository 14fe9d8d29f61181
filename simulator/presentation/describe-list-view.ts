import type { FieldType } from '../schema/field.ts'
import { type ListColumn, type ListView, selectItem } from './list-view.ts'

/** The columns of a list view as its describe and its results show them. */
export function describeColumns(view: ListView): object[] {
  return view.columns.map((column, n) => {
    const [ascendingLabel, descendingLabel] = orderLabels(column.field.type)
    return {
      ascendingLabel: column.hidden ? null : ascendingLabel,
      descendingLabel: column.hidden ? null : descendingLabel,
      fieldNameOrPath: column.field.name,
      hidden: column.hidden,
      label: column.field.label,
      selectListItem: selectItem(column),
      sortDirection: n === 0 ? 'ascending' : null,
      sortIndex: n === 0 ? 0 : null,
      sortable: isSortable(column),
      type: column.field.type,
    }
  })
}

/** What a list view shows, without its records. */
export function describeListView(view: ListView): object {
  const order = [view.columns[0]?.field.name, 'Id']
  return {
    columns: describeColumns(view),
    id: view.id,
    orderBy: order.map((fieldNameOrPath) => ({
      fieldNameOrPath,
      nullsPosition: 'first',
      sortDirection: 'ascending',
    })),
    query: view.query,
    scope: view.scope,
    sobjectType: view.object.name.toLowerCase(),
    transformHints: {},
    whereCondition: { conditions: [], conjunction: 'and' },
  }
}

function isSortable({ field, hidden }: ListColumn): boolean {
  return !hidden && field.type !== 'multipicklist' && field.length <= 255
}

/** What the two ways to sort are called. */
function orderLabels(type: FieldType): readonly [ascending: string, descending: string] {
  switch (type) {
    case 'picklist':
    case 'multipicklist':
    case 'combobox':
      return ['Low to High', 'High to Low']
    case 'int':
    case 'double':
    case 'currency':
    case 'percent':
    case 'phone':
      return ['9-0', '0-9']
    case 'date':
    case 'datetime':
    case 'time':
      return ['New to Old', 'Old to New']
    case 'boolean':
      return ['Selected to Not Selected', 'Not Selected to Selected']
    case 'id':
    case 'string':
    case 'textarea':
    case 'email':
    case 'url':
    case 'reference':
    case 'address':
      return ['Z-A', 'A-Z']
  }
}
