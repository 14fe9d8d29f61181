import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { licencesPage, runtimeLicences } from './licences.ts'

const root = path.join(import.meta.dirname, '../..')
const file = path.join(root, 'docs/licences.md')
const mode = process.argv[2]
const page = licencesPage(
  runtimeLicences(readFileSync(path.join(root, 'package-lock.json'), 'utf8')),
)

if (mode === '--write') {
  writeFileSync(file, page)
  console.log('docs/licences.md is written.')
} else if (mode === '--check') {
  if (readFileSync(file, 'utf8') === page) {
    console.log('docs/licences.md says what the lock file says.')
  } else {
    console.error('docs/licences.md is not what the lock file makes. Run `npm run licences:write`.')
    process.exitCode = 1
  }
} else {
  console.error('usage: licences-main.ts --write|--check')
  process.exitCode = 64
}
