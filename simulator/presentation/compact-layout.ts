import type { DescribedRecordType } from '../schema/describe-record-types.ts'
import type { ObjectDefinition } from '../schema/field.ts'
import { layoutItem } from './layout-item.ts'

/** Fields of the system's own compact layout, as far as an object has them. */
const FIELDS = ['Name', 'Subject', 'CaseNumber', 'Title', 'Phone', 'Email', 'Website', 'OwnerId']

/** The compact layouts of an object: the system's own, which has no id. */
export function compactLayouts(
  object: ObjectDefinition,
  recordTypes: readonly DescribedRecordType[],
  root: string,
): object {
  const fields = FIELDS.flatMap((name) => object.fields.find((field) => field.name === name) ?? [])
  return {
    compactLayouts: [
      {
        actions: [],
        fieldItems: fields.map((field, n) => layoutItem(object, field, n + 1)),
        id: null,
        imageItems: [],
        label: 'System Default',
        name: 'SYSTEM',
        objectType: object.name,
      },
    ],
    defaultCompactLayoutId: null,
    recordTypeCompactLayoutMappings: recordTypes.map((type) => ({
      available: type.active,
      compactLayoutId: null,
      compactLayoutName: 'SYSTEM',
      recordTypeId: type.id,
      recordTypeName: type.name,
      urls: {},
    })),
    urls: { primary: `${root}/describe/compactLayouts/primary` },
  }
}
