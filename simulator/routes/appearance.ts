import type { Hono } from 'hono'
import type { Org, OrgEnv } from '../http/org-context.ts'
import { versionOf } from '../http/version.ts'
import { appearanceOf } from '../presentation/theme.ts'
import { isCustom } from '../schema/field.ts'

/** The tabs and the theme: what a client draws an org's objects with. */
export function addAppearanceRoutes(app: Hono<OrgEnv>, org: Org): void {
  app.get('/services/data/:version/tabs', (c) => {
    versionOf(c.req.param('version'))
    return c.json(
      org.schema.objects
        .filter((object) => object.createable)
        .map((object) => ({
          ...appearanceOf(object, org.baseUrl()),
          custom: isCustom(object.name),
          label: object.labelPlural,
          name: isCustom(object.name) ? object.name : `standard-${object.name}`,
          sobjectName: object.name,
          url: `${org.baseUrl()}/lightning/o/${object.name}/home`,
        })),
    )
  })

  app.get('/services/data/:version/theme', (c) => {
    versionOf(c.req.param('version'))
    return c.json({
      themeItems: org.schema.objects.map((object) => {
        const { colors, icons } = appearanceOf(object, org.baseUrl())
        return { colors, icons, name: object.name }
      }),
    })
  })
}
