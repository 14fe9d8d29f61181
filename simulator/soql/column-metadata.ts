import { isCustom } from '../schema/field.ts'
import type { AggregatePlan, Cell, Member, QueryPlan, Shape } from './query-plan.ts'
import { kindOf, type Value } from './value.ts'

/** One column as `columns=true` describes it. */
interface ColumnMetadata {
  readonly aggregate: boolean
  readonly apexType: string | null
  readonly booleanType: boolean
  readonly columnName: string
  readonly custom: boolean
  readonly displayName: string
  readonly foreignKeyName: string | null
  readonly insertable: boolean
  readonly joinColumns: readonly ColumnMetadata[]
  readonly numberType: boolean
  readonly textType: boolean
  readonly updatable: boolean
}

/** What a query would answer with, without its records. */
export function columnMetadata(plan: QueryPlan): object {
  const columns =
    plan.kind === 'records'
      ? shapeColumns(plan.shape)
      : plan.kind === 'count'
        ? []
        : groupColumns(plan)
  return {
    columnMetadata: columns,
    entityName: plan.object.name,
    groupBy: plan.kind === 'aggregate' && plan.grouped,
    idSelected:
      plan.kind === 'records' &&
      plan.shape.members.some(
        (member) => member.kind === 'value' && member.cell.value.field.system === 'id',
      ),
    keyPrefix: plan.object.keyPrefix,
  }
}

function shapeColumns(shape: Shape): ColumnMetadata[] {
  return shape.members.map(memberColumn)
}

function memberColumn(member: Member): ColumnMetadata {
  switch (member.kind) {
    case 'value':
      return cellColumn(member.cell)
    case 'address':
      return { ...plainColumn(member.key), apexType: 'Address' }
    case 'parent':
      return joinColumn(member.key, member.lookup.name, shapeColumns(member.shape))
    case 'typeof': {
      const { branches, otherwise } = member
      const shapes = otherwise === null ? [...branches.values()] : [...branches.values(), otherwise]
      return joinColumn(member.key, member.lookup.name, shapes.flatMap(shapeColumns))
    }
    case 'children':
      // A child query counts as an aggregate here.
      return {
        ...plainColumn(member.key),
        aggregate: true,
        joinColumns: shapeColumns(member.plan.shape),
      }
  }
}

function groupColumns(plan: AggregatePlan): ColumnMetadata[] {
  return plan.cells.map((cell) => {
    if (cell.aggregate === null) return cellColumn(cell)
    const isNumber = kindOf(cell.value.type) === 'number'
    return {
      ...plainColumn(cell.key),
      aggregate: true,
      displayName: displayName(cell.aggregate),
      numberType: isNumber,
      textType: kindOf(cell.value.type) === 'text',
    }
  })
}

/** Functions are shown in lower case: `avg(Amount)`. */
function displayName(text: string): string {
  const bracket = text.indexOf('(')
  return text.slice(0, bracket).toLowerCase() + text.slice(bracket)
}

function cellColumn({ key, value }: Cell): ColumnMetadata {
  const { field } = value
  return {
    ...plainColumn(key),
    apexType: apexType(value),
    booleanType: value.type === 'boolean',
    custom: isCustom(field.name),
    insertable: field.createable,
    numberType: kindOf(value.type) === 'number',
    textType: kindOf(value.type) === 'text',
    updatable: field.updateable,
  }
}

function joinColumn(
  key: string,
  foreignKeyName: string,
  joinColumns: readonly ColumnMetadata[],
): ColumnMetadata {
  return { ...plainColumn(key), foreignKeyName, joinColumns }
}

function plainColumn(name: string): ColumnMetadata {
  return {
    aggregate: false,
    apexType: null,
    booleanType: false,
    columnName: name,
    custom: false,
    displayName: name,
    foreignKeyName: null,
    insertable: false,
    joinColumns: [],
    numberType: false,
    textType: false,
    updatable: false,
  }
}

function apexType(value: Value): string {
  if (value.type === 'int') return 'Integer'
  switch (kindOf(value.type)) {
    case 'text':
      return 'String'
    case 'number':
      return 'Double'
    case 'boolean':
      return 'Boolean'
    case 'date':
      return 'Date'
    case 'datetime':
      return 'Datetime'
    case 'time':
      return 'Time'
    case 'id':
      return 'Id'
    case 'address':
      return 'Address'
  }
}
