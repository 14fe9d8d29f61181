import type { FieldDefinition, ObjectDefinition } from '../schema/field.ts'
import type { Schema } from '../schema/schema.ts'
import { layoutButton } from './layout-button.ts'
import { emptyItem, layoutItem } from './layout-item.ts'
import { relatedLists } from './related-list.ts'

const COLUMNS = 2

/**
 * The page layout of an object: the one that a new org has by itself, with every field in it. No
 * layout can be edited here, so it is made from the object's definition.
 */
export function pageLayout(schema: Schema, object: ObjectDefinition, id: string): object {
  const shown = object.fields.filter(({ type }) => type !== 'id')
  const own = shown.filter(({ createable, updateable }) => createable || updateable)
  const kept = shown.filter(({ system }) => system !== null && system !== 'deleted')
  const information = section(object, id, `${object.label} Information`, own)
  const system = section(object, id, 'System Information', kept)
  return {
    buttonLayoutSection: { detailButtons: buttons(object) },
    detailLayoutSections: [information, system],
    editLayoutSections: [information],
    feedView: null,
    highlightsPanelLayoutSection: null,
    id,
    multirowEditLayoutSections: [],
    offlineLinks: [],
    quickActionList: { quickActionListItems: [] },
    relatedContent: null,
    relatedLists: relatedLists(schema, object),
    saveOptions: [],
  }
}

function section(
  object: ObjectDefinition,
  layoutId: string,
  heading: string,
  fields: readonly FieldDefinition[],
): object {
  const layoutRows = Array.from({ length: Math.ceil(fields.length / COLUMNS) }, (_, row) => {
    const first = row * COLUMNS
    const layoutItems = Array.from({ length: COLUMNS }, (_, column) => {
      const field = fields[first + column]
      return field === undefined ? emptyItem() : layoutItem(object, field, first + column + 1)
    })
    return { layoutItems, numItems: COLUMNS }
  })
  return {
    collapsed: false,
    columns: COLUMNS,
    heading,
    layoutRows,
    layoutSectionId: null,
    parentLayoutId: layoutId,
    rows: layoutRows.length,
    tabOrder: 'LeftToRight',
    useCollapsibleSection: false,
    useHeading: true,
  }
}

function buttons(object: ObjectDefinition): object[] {
  return [
    ...(object.updateable ? [layoutButton('Edit', 'Edit')] : []),
    ...(object.deletable ? [layoutButton('Delete', 'Delete')] : []),
    ...(object.createable ? [layoutButton('Clone', 'Clone')] : []),
  ]
}
