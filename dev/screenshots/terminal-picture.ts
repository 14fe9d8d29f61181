import { readFile } from 'node:fs/promises'
import { withPage } from './browser.ts'

/** Draws the text of a terminal, as it stands, on a white sheet. */
export async function takeTerminalPicture(textFile: string, picture: string): Promise<void> {
  const text = (await readFile(textFile, 'utf8')).trimEnd()
  await withPage({ width: 1800, height: 1200 }, async (page) => {
    await page.setContent(`<style>
      pre { display: inline-block; margin: 0; padding: 16px 20px; font: 14px/19px "DejaVu Sans Mono", monospace; color: #1f2430; background: #fff }
    </style><pre></pre>`)
    await page.locator('pre').evaluate((pre, content) => {
      pre.textContent = content
    }, text)
    await page.locator('pre').screenshot({ path: picture })
  })
}
