import type { Hono } from 'hono'
import { notFound } from '../http/api-error.ts'
import type { Org, OrgContext, OrgEnv } from '../http/org-context.ts'
import { versionOf } from '../http/version.ts'
import { makeId } from '../ids.ts'
import { compactLayouts } from '../presentation/compact-layout.ts'
import { pageLayout } from '../presentation/page-layout.ts'
import { MASTER_RECORD_TYPE } from '../presentation/record-type.ts'
import type { ObjectDefinition } from '../schema/field.ts'
import { findObject } from './describe.ts'

const ROOT = '/services/data/:version/sobjects/:object/describe'
const LAYOUT_PREFIX = '00h'
/** Layouts beside the page layout that a new org has, by object. */
const NAMED_LAYOUTS: Readonly<Record<string, readonly string[]>> = { User: ['UserAlt'] }

/** Page layouts, compact layouts and approval layouts of an object. */
export function addLayoutRoutes(app: Hono<OrgEnv>, org: Org): void {
  const layoutOf = (object: ObjectDefinition): object =>
    pageLayout(org.schema, object, layoutId(org, object))

  function layouts(c: OrgContext, object: ObjectDefinition) {
    return c.json({
      layouts: [layoutOf(object)],
      recordTypeMappings: [recordTypeMapping(object, layoutId(org, object), rootOf(c, object))],
      recordTypeSelectorRequired: [false],
    })
  }

  app.get(`${ROOT}/layouts`, (c) => layouts(c, findObject(org, c)))
  app.get(`${ROOT}/layouts/:recordType`, (c) => {
    const object = findObject(org, c)
    const asked = c.req.param('recordType')
    if (asked !== MASTER_RECORD_TYPE && asked !== MASTER_RECORD_TYPE.slice(0, 15)) throw notFound()
    return c.json(layoutOf(object))
  })
  app.get(`${ROOT}/namedLayouts/:name`, (c) => {
    const object = findObject(org, c)
    const known = NAMED_LAYOUTS[object.name] ?? []
    const asked = c.req.param('name').toLowerCase()
    if (!known.some((name) => name.toLowerCase() === asked)) throw notFound()
    return layouts(c, object)
  })
  app.get(`${ROOT}/compactLayouts`, (c) => {
    const object = findObject(org, c)
    return c.json(compactLayouts(object, rootOf(c, object)))
  })
  // No approval process can be made here, so none has a layout.
  app.get(`${ROOT}/approvalLayouts`, (c) => {
    findObject(org, c)
    versionOf(c.req.param('version'))
    return c.json({ approvalLayouts: [] })
  })
}

function rootOf(c: OrgContext, object: ObjectDefinition): string {
  return `/services/data/v${versionOf(c.req.param('version') ?? '')}.0/sobjects/${object.name}`
}

/** Each object has one layout; objects are never taken away, so its place is its number. */
function layoutId(org: Org, object: ObjectDefinition): string {
  const place = org.schema.objects.findIndex(({ name }) => name === object.name)
  return makeId(LAYOUT_PREFIX, place + 1)
}

function recordTypeMapping(object: ObjectDefinition, id: string, root: string): object {
  return {
    active: true,
    available: true,
    defaultRecordTypeMapping: true,
    developerName: 'Master',
    layoutId: id,
    master: true,
    name: 'Master',
    picklistsForRecordType: object.fields
      .filter(({ picklist }) => picklist.length > 0)
      .map((field) => ({
        picklistName: field.name,
        picklistValues: field.picklist.map((value) => ({
          active: true,
          defaultValue: value === field.defaultValue,
          label: value,
          validFor: null,
          value,
        })),
      })),
    recordTypeId: MASTER_RECORD_TYPE,
    urls: { layout: `${root}/describe/layouts/${MASTER_RECORD_TYPE}` },
  }
}
