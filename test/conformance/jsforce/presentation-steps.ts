import assert from 'node:assert/strict'
import type { Step } from '../run-steps.ts'
import type { JsforceContext } from './connected.ts'

/** Layouts, tabs and the theme: what a client draws an object's pages with. */
export function presentationSteps(): Step<JsforceContext>[] {
  const step = (name: string, run: Step<JsforceContext>['run']): Step<JsforceContext> => ({
    suite: 'presentation',
    name,
    run,
  })
  return [
    step('lists the layouts of an object, and keeps them', async ({ connection }) => {
      const account = connection.sobject('Account')
      const { layouts, recordTypeMappings, recordTypeSelectorRequired } = await account.layouts()
      assert.ok(layouts.length > 0 && recordTypeMappings.length > 0)
      assert.deepEqual(recordTypeSelectorRequired, [false])
      for (const layout of layouts) {
        assert.ok(layout.buttonLayoutSection !== null)
        assert.ok(layout.detailLayoutSections.length > 0)
        assert.ok(layout.editLayoutSections.length > 0)
        assert.ok(Array.isArray(layout.quickActionList.quickActionListItems))
        assert.ok(Array.isArray(layout.relatedLists))
      }
      assert.equal(await account.layouts$(), await account.layouts$())
      assert.deepEqual(account.layouts$$().layouts, layouts)
    }),
    step('finds a named layout', async ({ connection }) => {
      const user = connection.sobject('User')
      assert.ok((await user.layouts('UserAlt')).layouts.length > 0)
      await assert.rejects(user.layouts('Nothing'), { errorCode: 'NOT_FOUND' })
    }),
    step('lists compact layouts', async ({ connection }) => {
      const found = await connection.sobject('Account').compactLayouts()
      assert.equal(found.compactLayouts[0]?.objectType, 'Account')
      assert.ok((found.compactLayouts[0]?.fieldItems.length ?? 0) > 0)
      assert.ok(found.recordTypeCompactLayoutMappings.length > 0)
    }),
    step('lists approval layouts', async ({ connection }) => {
      const found = await connection.sobject('Account').approvalLayouts()
      assert.ok(Array.isArray(found.approvalLayouts))
    }),
    step('lists tabs', async ({ connection }) => {
      const tabs = await connection.tabs()
      assert.ok(tabs.some(({ sobjectName }) => sobjectName === 'Account'))
      assert.ok(tabs.every(({ label, name, url }) => label !== '' && name !== '' && url !== ''))
    }),
    step('tells the theme', async ({ connection }) => {
      const { themeItems } = await connection.theme()
      assert.ok(themeItems.length > 0)
      for (const { colors, icons } of themeItems) {
        for (const { color, context, theme } of colors ?? []) {
          assert.ok(color !== '' && context !== '' && theme !== '')
        }
        for (const { url, width, height } of icons ?? []) {
          assert.ok(url !== '' && Number(width) >= 0 && Number(height) >= 0)
        }
      }
    }),
  ]
}
