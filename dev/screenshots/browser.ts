import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { chromium, type Page } from 'playwright-core'

const QUIET = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** Hands a page of a fresh browser in the light theme to `use`, and closes it whatever happens. */
export async function withPage(
  viewport: { readonly width: number; readonly height: number },
  use: (page: Page) => Promise<void>,
): Promise<void> {
  const profile = await mkdtemp(path.join(tmpdir(), 'conveyor-screenshots-'))
  const browser = await chromium.launchPersistentContext(profile, {
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: QUIET,
    viewport,
    colorScheme: 'light',
  })
  try {
    const page = await browser.newPage()
    page.setDefaultTimeout(60_000)
    await use(page)
  } finally {
    await browser.close()
    await rm(profile, { recursive: true, force: true })
  }
}
