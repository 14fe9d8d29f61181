import { describeField } from '../schema/describe-field.ts'
import type { FieldDefinition, ObjectDefinition } from '../schema/field.ts'

/** A field as a place on a page layout. */
export function layoutItem(
  object: ObjectDefinition,
  field: FieldDefinition,
  tabOrder: number,
): object {
  return {
    editableForNew: field.createable,
    editableForUpdate: field.updateable,
    label: field.label,
    layoutComponents: [
      {
        details: describeField(object, field),
        displayLines: field.type === 'textarea' ? 6 : 1,
        tabOrder,
        type: 'Field',
        value: field.name,
      },
    ],
    placeholder: false,
    required: field.required && field.createable,
  }
}

/** A place that is left empty, where a row has one field only. */
export function emptyItem(): object {
  return {
    editableForNew: false,
    editableForUpdate: false,
    label: '',
    layoutComponents: [],
    placeholder: true,
    required: false,
  }
}
