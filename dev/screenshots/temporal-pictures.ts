import path from 'node:path'
import type { Page } from 'playwright-core'
import { withPage } from './browser.ts'

/** The bar at the left of the Temporal UI says nothing about the job. */
const SIDEBAR = 257
const TOP = 60
const SETTLE_MS = 2_500

type Shoot = (name: string, height: number, from?: number) => Promise<void>

/** Pictures of a running job. `workflowUrl` is its page in the Temporal UI. */
export async function takeJobPictures(workflowUrl: string, folder: string): Promise<void> {
  await visit(workflowUrl, folder, async (page, base, shoot) => {
    await shoot('job-timeline', 720)
    await menuItem(page, 'Send a Signal')
    const dialog = page.locator('dialog[open]')
    await dialog.locator('button[aria-haspopup]').click()
    await dialog.locator('li[role=option]', { hasText: 'wake' }).click()
    await page.waitForTimeout(500)
    await dialog.screenshot({ path: path.join(folder, 'job-signal.png') })
    await dialog.getByRole('button', { name: 'Submit' }).click()

    await open(page, `${base}/user-metadata`)
    await shoot('job-details', 720, 300)
    await open(page, `${base}/pending-activities`)
    // Below stands a stack trace, which tells of the machine and not of the job.
    await shoot('job-pending', 308, 320)

    await open(page, `${base}/query`)
    await page.getByRole('button', { name: 'Run Query' }).click()
    await page.waitForTimeout(SETTLE_MS)
    await shoot('job-query', 590, 320)

    await open(page, `${base}/timeline`)
    await page.locator('button:visible', { hasText: 'More Actions' }).first().click()
    await page.waitForTimeout(500)
    await shoot('job-actions', 340)
    await menuItem(page, 'Reset', true)
    await dialog.getByPlaceholder('Enter a reason').fill('shows that nothing is doubled')
    await dialog.locator('button[aria-haspopup]').click()
    await dialog.locator('li[role=option]').first().click()
    await page.waitForTimeout(500)
    await dialog.screenshot({ path: path.join(folder, 'job-reset.png') })

    await open(page, listUrl(workflowUrl, 'ConveyorStatus = "InProgress"'))
    await shoot('job-list', 300)
  })
}

/** Pictures of a blocked job. */
export async function takeBlockedPictures(workflowUrl: string, folder: string): Promise<void> {
  await visit(workflowUrl, folder, async (page, base, shoot) => {
    await open(page, `${base}/user-metadata`)
    await shoot('job-blocked', 560, 300)
  })
}

async function visit(
  workflowUrl: string,
  folder: string,
  use: (page: Page, base: string, shoot: Shoot) => Promise<void>,
): Promise<void> {
  const width = 1700
  await withPage({ width, height: 1100 }, async (page) => {
    await open(page, workflowUrl)
    const base = page.url().replace(/\/timeline.*$/, '')
    await use(page, base, async (name, height, from = TOP) => {
      const clip = { x: SIDEBAR, y: from, width: width - SIDEBAR, height }
      await page.screenshot({ path: path.join(folder, `${name}.png`), clip })
    })
  })
}

async function open(page: Page, url: string): Promise<void> {
  await page.goto(url)
  await page.waitForSelector('h1')
  await page.waitForTimeout(SETTLE_MS)
}

async function menuItem(page: Page, name: string, isOpen = false): Promise<void> {
  if (!isOpen) await page.locator('button:visible', { hasText: 'More Actions' }).first().click()
  await page.locator('[role=menuitem]:visible', { hasText: name }).first().click()
  await page.waitForTimeout(500)
}

function listUrl(workflowUrl: string, query: string): string {
  const list = workflowUrl.slice(0, workflowUrl.lastIndexOf('/'))
  return `${list}?query=${encodeURIComponent(query)}`
}
