import { readdirSync } from 'node:fs'
import path from 'node:path'

const SKIPPED = new Set(['node_modules', 'dist', 'coverage'])

/** Paths from `root`, with slashes, of all TypeScript and JavaScript sources under it; hidden folders are left out. */
export function sourceFiles(root: string): readonly string[] {
  const found: string[] = []
  const walk = (folder: string) => {
    for (const entry of readdirSync(path.join(root, folder), { withFileTypes: true })) {
      if (entry.name.startsWith('.') || SKIPPED.has(entry.name)) continue
      const file = folder === '' ? entry.name : `${folder}/${entry.name}`
      if (entry.isDirectory()) walk(file)
      else if (/\.[cm]?[jt]sx?$/.test(entry.name)) found.push(file)
    }
  }
  walk('')
  return found.toSorted()
}
