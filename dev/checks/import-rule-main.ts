import { readFileSync } from 'node:fs'
import path from 'node:path'
import { checkImports } from './import-rule.ts'
import { sourceFiles } from './source-files.ts'

// Checks the project, or the tree named as the only argument.
const root = path.resolve(process.argv[2] ?? path.join(import.meta.dirname, '../..'))
const files = sourceFiles(root)
const violations = files.flatMap((file) =>
  checkImports(file, readFileSync(path.join(root, file), 'utf8')),
)

for (const { file, line, rule, why } of violations) {
  console.error(`${file}:${line}  ${rule}  (${why})`)
}
if (files.length === 0) {
  console.error(`There is no source under ${root}: nothing was checked.`)
  process.exitCode = 1
} else if (violations.length > 0) {
  console.error(`${violations.length} imports break the rule of the rooms.`)
  process.exitCode = 1
} else {
  console.log(`${files.length} files import what their rooms may.`)
}
