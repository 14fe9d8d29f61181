import type { Org } from '../http/org-context.ts'
import { appearanceOf } from '../presentation/theme.ts'
import type { RestResource } from '../rest/resource.ts'
import { isCustom } from '../schema/field.ts'

/** The tabs and the theme: what a client draws an org's objects with. */
export function appearanceResources(org: Org): RestResource[] {
  return [
    {
      pattern: '/tabs',
      methods: {
        GET: () => ({
          status: 200,
          body: org.schema.objects
            .filter((object) => object.createable)
            .map((object) => ({
              ...appearanceOf(object, org.baseUrl()),
              custom: isCustom(object.name),
              label: object.labelPlural,
              name: isCustom(object.name) ? object.name : `standard-${object.name}`,
              sobjectName: object.name,
              url: `${org.baseUrl()}/lightning/o/${object.name}/home`,
            })),
        }),
      },
    },
    {
      pattern: '/theme',
      methods: {
        GET: () => ({
          status: 200,
          body: {
            themeItems: org.schema.objects.map((object) => {
              const { colors, icons } = appearanceOf(object, org.baseUrl())
              return { colors, icons, name: object.name }
            }),
          },
        }),
      },
    },
  ]
}
